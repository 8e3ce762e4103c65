namespace Ecom.Contracts.Features;

/// <summary>
/// A feature's distribution moved away from its reference. Published by feature-store; training may retrain.
/// </summary>
public sealed record FeatureDriftDetected
{
    /// <summary>Name of the feature definition.</summary>
    public required string Feature { get; init; }

    /// <summary>Name of the statistic, for example "psi".</summary>
    public required string Statistic { get; init; }

    /// <summary>The statistic's value.</summary>
    public required double Value { get; init; }

    /// <summary>The threshold that fits the sample size.</summary>
    public required double Threshold { get; init; }

    /// <summary>Rows in the sample compared.</summary>
    public required int SampleSize { get; init; }

    /// <summary>When it was found, UTC.</summary>
    public required DateTimeOffset DetectedAt { get; init; }
}
