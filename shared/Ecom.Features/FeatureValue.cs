namespace Ecom.Features;

/// <summary>The value of one feature of one entity at an instant.</summary>
public sealed record FeatureValue
{
    /// <summary>The feature's name: definition and window.</summary>
    public required string Name { get; init; }

    /// <summary>The number; null if the feature is a text, or missing.</summary>
    public double? Number { get; init; }

    /// <summary>The text; null if the feature is a number, or missing.</summary>
    public string? Text { get; init; }

    /// <summary>
    /// Event time of the newest event that counted, at the accuracy of the state: exact for distinct, last and times
    /// since, the begin of the newest tile for the others. Null if the default was used.
    /// </summary>
    public DateTimeOffset? EventAt { get; init; }

    /// <summary>Whether no event was in the window, so that the value is the definition's default.</summary>
    public required bool IsDefault { get; init; }
}
