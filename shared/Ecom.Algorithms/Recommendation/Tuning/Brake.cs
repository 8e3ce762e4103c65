namespace Ecom.Algorithms.Recommendation.Tuning;

/// <summary>Stops a search from outside, which is the only way in which a clock can decide, and remembers it.</summary>
internal sealed class Brake(Func<bool>? isPulled)
{
    /// <summary>Whether it stopped anything.</summary>
    public bool WasUsed { get; private set; }

    /// <summary>Whether the search is to end here.</summary>
    public bool Holds => WasUsed = WasUsed || isPulled?.Invoke() is true;
}
