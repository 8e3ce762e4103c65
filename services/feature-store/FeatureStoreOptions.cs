using System.ComponentModel.DataAnnotations;
using Ecom.Features;

namespace Ecom.FeatureStore;

/// <summary>Section <c>FeatureStore</c> of the configuration; checked when the service starts.</summary>
internal sealed class FeatureStoreOptions
{
    public const string Section = "FeatureStore";
    private const int MarginDays = 31;

    /// <summary>Rows that one training set may ask for. Default 1,000,000.</summary>
    [Range(1, 10_000_000)]
    public int TrainingRows { get; init; } = 1_000_000;

    /// <summary>
    /// Days of event time that history is kept, in whole months; 0: for ever. Default 800: two years of an imported
    /// shop and some. Less than the longest window and a month would change features.
    /// </summary>
    [Range(0, 36_500)]
    public int KeepEventDays { get; init; } = 800;

    /// <summary>Whether every window of a feature lies within the history that is kept.</summary>
    public bool KeepsEveryWindow => KeepEventDays == 0 || KeepEventDays >= Tiles.LongestWindow.TotalDays + MarginDays;
}
