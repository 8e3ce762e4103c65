using System.ComponentModel.DataAnnotations;
using Ecom.Features;

namespace Ecom.Fraud.Alerts;

/// <summary>Section <c>Fraud:Alerts</c>: what is one alert, and how urgent it is.</summary>
internal sealed class AlertOptions
{
    /// <summary>
    /// Payments of one entity and leading reason, tried within this time of an alert's first payment, join the alert.
    /// Event time. Default 30 minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan DedupWindow { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// What a reason is about, where its code does not begin with it ("device_ring" is about the device). Reasons that
    /// are in neither are about the customer.
    /// </summary>
    public Dictionary<string, EntityKind> Entities { get; init; } =
        new(StringComparer.Ordinal) { ["card_testing"] = EntityKind.Device };

    /// <summary>Score from which an alert for review is of medium severity. Default 0.7.</summary>
    [Range(0.0, 1.0)]
    public double MediumScore { get; init; } = 0.7;

    /// <summary>From this many payments on, an alert is one step more severe. Default 10.</summary>
    [Range(2, 1_000_000)]
    public int ManyOccurrences { get; init; } = 10;

    /// <summary>From this amount at risk on, in minor units of the base currency, one more. Default 100,000.</summary>
    [Range(1, long.MaxValue)]
    public long LargeAmount { get; init; } = 100_000;

    /// <summary>Streams of events that one replica serves at once. Default 50.</summary>
    [Range(1, 10_000)]
    public int MaxStreams { get; init; } = 50;
}
