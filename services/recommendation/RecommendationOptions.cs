using System.ComponentModel.DataAnnotations;
using Ecom.Recommendation.Storage;
using Microsoft.Extensions.Options;

namespace Ecom.Recommendation;

/// <summary>Section <c>Recommendation</c> of the configuration; checked when the service starts.</summary>
internal sealed class RecommendationOptions
{
    public const string Section = "Recommendation";

    /// <summary>
    /// Products kept in a customer's list: more than are shown, since bought and sold-out ones fall away. Default 100.
    /// </summary>
    [Range(10, 500)]
    public int ListLength { get; init; } = 100;

    /// <summary>Similar products kept for each product. Default 50.</summary>
    [Range(5, 500)]
    public int SimilarLength { get; init; } = 50;

    /// <summary>Most products one answer may hold. Default 50.</summary>
    [Range(1, 200)]
    public int LongestAnswer { get; init; } = 50;

    /// <summary>Products of the newest events that make a visitor's session. Default 20.</summary>
    [Range(1, 100)]
    public int SessionLength { get; init; } = 20;

    /// <summary>How long a session is remembered after its last event. Default 7 days.</summary>
    [Range(typeof(TimeSpan), "00:10:00", "90.00:00:00")]
    public TimeSpan SessionLifetime { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Days of events that make "popular", ending at the newest event. Default 28.</summary>
    [Range(1, 365)]
    public int PopularDays { get; init; } = 28;

    /// <summary>Time between recounts of popular and trending products. Default 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan PopularInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time between recounts of what is popular in each segment. Default 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan SegmentInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Days of baskets that tell what is bought together, ending at the newest. Default 365.</summary>
    [Range(1, 365)]
    public int TogetherDays { get; init; } = 365;

    /// <summary>Time between counts of what is bought together, while there are new baskets. Default 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan TogetherInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Age at which all lists are made anew with the same model. Default 6 hours.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromHours(6);

    /// <summary>
    /// Whether products that the customer bought are left out. Default true; shops of consumables set false.
    /// </summary>
    public bool LeaveOutBought { get; init; } = true;

    /// <summary>What interests count in a visitor's history. Default: as the feature store tells training.</summary>
    [ValidateObjectMembers]
    public InterestWeights Weights { get; init; } = new();

    /// <summary>How long after a reaction to an answer an order counts for it. Default 7 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "60.00:00:00")]
    public TimeSpan AttributionWindow { get; init; } = TimeSpan.FromDays(7);

    /// <summary>
    /// How long a cart or an order waits for the click that it may have overtaken. Default 10 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan OutcomePatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>An answer that took longer inside the service counts as slow. Default 50 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan SlowAnswer { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long after the end of an hour its clicks have come in. Default 30 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan MeasureDelay { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// Answers that a measurement of a model's quality rests on; fewer are announced after a day. Default 2,000: at 10
    /// products an answer and 3 % clicks the rate's standard deviation is 4 % of it.
    /// </summary>
    [Range(1, 10_000_000)]
    public int MeasuredAnswers { get; init; } = 2_000;

    /// <summary>
    /// Answers a second, on each replica, that are kept for a week with all their candidates: what rules are tried on.
    /// Default 5.
    /// </summary>
    [Range(0, 1_000)]
    public int SamplesPerSecond { get; init; } = 5;

    /// <summary>Days that the numbers of placements are kept. Default 400.</summary>
    [Range(8, 3_650)]
    public int MetricDays { get; init; } = 400;
}

/// <summary>What the strongest interest in a product counts, each above 0: models were trained on the same.</summary>
internal sealed class InterestWeights
{
    /// <summary>Default 1.</summary>
    [Range(0.001, 1_000)]
    public float Seen { get; init; } = 1;

    /// <summary>Default 2.</summary>
    [Range(0.001, 1_000)]
    public float Wished { get; init; } = 2;

    /// <summary>Default 3.</summary>
    [Range(0.001, 1_000)]
    public float Carted { get; init; } = 3;

    /// <summary>Default 5.</summary>
    [Range(0.001, 1_000)]
    public float Bought { get; init; } = 5;

    public float Of(Interest interest) => interest switch
    {
        Interest.Bought => Bought,
        Interest.Carted => Carted,
        Interest.Wished => Wished,
        _ => Seen,
    };
}
