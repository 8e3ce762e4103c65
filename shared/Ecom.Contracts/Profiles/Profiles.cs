namespace Ecom.Contracts.Profiles;

/// <summary>A customer's profile changed in a way others may act on. Published by profiling.</summary>
public sealed record CustomerProfileChanged
{
    /// <summary>Customer id.</summary>
    public required string CustomerId { get; init; }

    /// <summary>Name of the segment the customer is in; null if none yet.</summary>
    public string? Segment { get; init; }

    /// <summary>When the last order was placed, UTC; null if none.</summary>
    public DateTimeOffset? LastOrderAt { get; init; }

    /// <summary>Orders so far.</summary>
    public required int Orders { get; init; }

    /// <summary>Money spent so far, minor units of the base currency, refunds taken off.</summary>
    public required long Spent { get; init; }

    /// <summary>When the change was made, UTC.</summary>
    public required DateTimeOffset ChangedAt { get; init; }
}

/// <summary>
/// Segments that customers are in without having done anything: another segmentation was promoted, history was
/// imported, time went by. Published by profiling for who keeps a copy; it is no reason to write to anybody.
/// </summary>
public sealed record SegmentsAssigned
{
    /// <summary>1 to 100 customers, each once.</summary>
    public required IReadOnlyList<AssignedSegment> Customers { get; init; }

    /// <summary>Version of the segmentation model.</summary>
    public required int ModelVersion { get; init; }

    /// <summary>When the segments were assigned, UTC.</summary>
    public required DateTimeOffset AssignedAt { get; init; }
}

/// <summary>The segment of a customer.</summary>
public sealed record AssignedSegment
{
    /// <summary>Customer id.</summary>
    public required string CustomerId { get; init; }

    /// <summary>Segment name.</summary>
    public required string Segment { get; init; }
}

/// <summary>A customer came into a segment. Published by profiling, never for imported history.</summary>
public sealed record CustomerEnteredSegment
{
    /// <summary>Customer id.</summary>
    public required string CustomerId { get; init; }

    /// <summary>Segment name.</summary>
    public required string Segment { get; init; }

    /// <summary>Version of the segmentation model.</summary>
    public required int ModelVersion { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset EnteredAt { get; init; }
}

/// <summary>A customer went out of a segment. Published by profiling, never for imported history.</summary>
public sealed record CustomerLeftSegment
{
    /// <summary>Customer id.</summary>
    public required string CustomerId { get; init; }

    /// <summary>Segment name.</summary>
    public required string Segment { get; init; }

    /// <summary>Version of the segmentation model.</summary>
    public required int ModelVersion { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset LeftAt { get; init; }
}
