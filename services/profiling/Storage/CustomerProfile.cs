using Ecom.Algorithms.Segmentation;

namespace Ecom.Profiling.Storage;

/// <summary>All that is known of a customer, as it is served.</summary>
internal sealed record CustomerProfile
{
    public required string CustomerId { get; init; }

    /// <summary>ISO 3166 country; null if unknown.</summary>
    public string? Country { get; init; }

    public DateTimeOffset? RegisteredAt { get; init; }

    /// <summary>Name of the segment; null before a segmentation was promoted, or without orders.</summary>
    public string? Segment { get; init; }

    /// <summary>Version of the segmentation; null as above.</summary>
    public int? SegmentVersion { get; init; }

    public DateTimeOffset? SegmentSince { get; init; }

    /// <summary>Orders that were not cancelled.</summary>
    public required int Orders { get; init; }

    /// <summary>Minor units of the base currency, cancelled orders left out, refunds not taken off.</summary>
    public required long Spent { get; init; }

    /// <summary>Minor units that went back.</summary>
    public required long Refunded { get; init; }

    public DateTimeOffset? FirstOrderAt { get; init; }

    public DateTimeOffset? LastOrderAt { get; init; }

    /// <summary>Whole days from the last order to the shop's newest one; null without orders.</summary>
    public int? RecencyDays { get; init; }

    public DateTimeOffset? LastSeenAt { get; init; }

    public required long Views { get; init; }

    public required long Carts { get; init; }

    /// <summary>What segmentation goes by; null without orders.</summary>
    public RfmValues? ToRfm() => RecencyDays is { } days ? new RfmValues(0, days, Orders, Spent) : null;
}
