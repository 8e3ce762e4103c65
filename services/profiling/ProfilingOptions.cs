using System.ComponentModel.DataAnnotations;

namespace Ecom.Profiling;

/// <summary>Section <c>Profiling</c> of the configuration; checked when the service starts.</summary>
internal sealed class ProfilingOptions
{
    public const string Section = "Profiling";

    /// <summary>
    /// How often profiles are made anew that only visits have changed; orders and the like are followed twice a second.
    /// Default 2 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan VisitInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Least time between two passes over all customers because a day of the shop went by. Default 1 minute.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan AgingInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Age at which rules are mined anew. Default 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan RuleInterval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Days of orders that rules are mined from, ending at the newest order. Default 365.</summary>
    [Range(1, 3_650)]
    public int RuleDays { get; init; } = 365;

    /// <summary>Share of all baskets that a set of products must be in. Default 0.005.</summary>
    [Range(0.00001, 1.0)]
    public double MinimumSupport { get; init; } = 0.005;

    /// <summary>Baskets that a set of products must be in at least, whatever the share. Default 10.</summary>
    [Range(2, 100_000)]
    public int MinimumBaskets { get; init; } = 10;

    /// <summary>Confidence that a rule must have. Default 0.2.</summary>
    [Range(0.0, 1.0)]
    public double MinimumConfidence { get; init; } = 0.2;

    /// <summary>Products in a set, both sides of a rule together. Default 3.</summary>
    [Range(2, 10)]
    public int LongestItemSet { get; init; } = 3;

    /// <summary>Item sets at which mining stops, so that no threshold runs away. Default 200,000.</summary>
    [Range(1_000, 10_000_000)]
    public int MostItemSets { get; init; } = 200_000;
}
