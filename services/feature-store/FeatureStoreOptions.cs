using System.ComponentModel.DataAnnotations;

namespace Ecom.FeatureStore;

/// <summary>Section <c>FeatureStore</c> of the configuration; checked when the service starts.</summary>
internal sealed class FeatureStoreOptions
{
    public const string Section = "FeatureStore";

    /// <summary>Rows that one training set may ask for. Default 1,000,000.</summary>
    [Range(1, 10_000_000)]
    public int TrainingRows { get; init; } = 1_000_000;

    /// <summary>
    /// How long a new generation is written beside the active one before it is filled from history, so that every
    /// replica has noticed it. At least three polls of two seconds. Default 6 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:06", "00:05:00")]
    public TimeSpan RebuildDelay { get; init; } = TimeSpan.FromSeconds(6);
}
