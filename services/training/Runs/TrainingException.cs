namespace Ecom.Training.Runs;

/// <summary>A run cannot succeed; the message says why and what to do, and becomes the run's error.</summary>
internal sealed class TrainingException : Exception
{
    public TrainingException(string message)
        : base(message)
    {
    }

    public TrainingException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
