namespace Ecom.Cli.Infrastructure;

/// <summary>Something outside the program is not as needed; the message says what to do about it.</summary>
internal sealed class SetupException : Exception
{
    public SetupException(string message)
        : base(message)
    {
    }

    public SetupException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
