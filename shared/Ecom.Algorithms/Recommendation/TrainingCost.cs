namespace Ecom.Algorithms.Recommendation;

/// <summary>What a fit takes, foretold from the shape of its data.</summary>
/// <param name="Operations">
/// Additions and multiplications of a product of large matrices that take as long as the fit on one core. Work that
/// waits for memory counts as several.
/// </param>
/// <param name="Bytes">Memory at the peak, beside the data.</param>
public sealed record TrainingCost(double Operations, long Bytes)
{
    /// <summary>
    /// Operations a second of a core of the reference machine, as <see cref="Numerics.Yardstick"/> measures them:
    /// budgets of work are stated in seconds of such a core, so that they do not depend on the machine at hand.
    /// </summary>
    public const double ReferenceSpeed = 70e9;

    /// <summary>Time on one core of the reference machine.</summary>
    public TimeSpan ReferenceTime => TimeAt(ReferenceSpeed);

    /// <summary>Time on one core.</summary>
    /// <param name="operationsPerSecond">Speed of the core as <see cref="Numerics.Yardstick"/> measures it.</param>
    public TimeSpan TimeAt(double operationsPerSecond) =>
        TimeSpan.FromSeconds(Math.Min(Operations / operationsPerSecond, 1e9));

    /// <summary>A fit that takes so many seconds of a core of the reference machine.</summary>
    internal static TrainingCost OfSeconds(double seconds, double bytes) =>
        new(seconds * ReferenceSpeed, (long)Math.Min(bytes, long.MaxValue / 2));

    /// <summary>Both, one after the other, where the first stays in memory.</summary>
    public TrainingCost And(TrainingCost other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new TrainingCost(Operations + other.Operations, Bytes + other.Bytes);
    }
}

/// <summary>What is foretold of a model before it is fitted.</summary>
/// <param name="Model">Name of the method or trainer.</param>
/// <param name="Cost">What it takes.</param>
public sealed record Prediction(string Model, TrainingCost Cost);
