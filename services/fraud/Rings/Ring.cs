using Ecom.Contracts.Fraud;

namespace Ecom.Fraud.Rings;

/// <summary>A ring in a list.</summary>
internal sealed record Ring
{
    /// <summary>Where it stands in the order of the last growth: the cursor. It moves up when the ring grows.</summary>
    public required long Position { get; init; }

    public required Guid RingId { get; init; }

    /// <summary>All that is tied together, also who has not paid for long.</summary>
    public required int Customers { get; init; }

    /// <summary>When two customers were tied first, event time.</summary>
    public required DateTimeOffset FormedAt { get; init; }

    /// <summary>When the last customer joined, event time.</summary>
    public required DateTimeOffset GrownAt { get; init; }
}

/// <summary>A ring with all that is in it.</summary>
internal sealed record RingDetail
{
    public required Ring Ring { get; init; }

    /// <summary>The last payment of one of its customers, event time.</summary>
    public required DateTimeOffset LastAt { get; init; }

    /// <summary>Customers that joined, by day (UTC), oldest first.</summary>
    public required IReadOnlyList<RingGrowth> Growth { get; init; }

    public required IReadOnlyList<RingCustomer> Customers { get; init; }

    /// <summary>Device ids; what most customers share comes first, at most 500 of all kinds together.</summary>
    public required IReadOnlyList<RingLink> Devices { get; init; }

    /// <summary>Cards, by ingestion's keyed hash.</summary>
    public required IReadOnlyList<RingLink> Cards { get; init; }

    /// <summary>IP addresses, by ingestion's keyed hash.</summary>
    public required IReadOnlyList<RingLink> Addresses { get; init; }

    /// <summary>What it raised, newest first, at most 100.</summary>
    public required IReadOnlyList<RingAlert> Alerts { get; init; }
}

/// <summary>How many customers joined on a day.</summary>
/// <param name="Day">UTC.</param>
/// <param name="Customers">How many.</param>
internal sealed record RingGrowth(DateOnly Day, int Customers);

/// <summary>A customer of a ring.</summary>
internal sealed record RingCustomer
{
    public required string CustomerId { get; init; }

    /// <summary>Its first payment ever, event time.</summary>
    public required DateTimeOffset FirstAt { get; init; }

    public required DateTimeOffset LastAt { get; init; }

    /// <summary>When it was tied to the others, event time.</summary>
    public required DateTimeOffset JoinedAt { get; init; }
}

/// <summary>What customers of a ring paid with.</summary>
internal sealed record RingLink
{
    public required string Id { get; init; }

    /// <summary>Customers of the ring that paid with it.</summary>
    public required int Customers { get; init; }

    public required DateTimeOffset FirstAt { get; init; }

    public required DateTimeOffset LastAt { get; init; }

    /// <summary>Whether it holds customers in the ring: not if too many others shared it.</summary>
    public required bool Binds { get; init; }
}

/// <summary>An alert of a ring.</summary>
internal sealed record RingAlert
{
    public required Guid AlertId { get; init; }

    public required string State { get; init; }

    public required FraudSeverity Severity { get; init; }

    /// <summary>Payments so far.</summary>
    public required int Occurrences { get; init; }

    public required DateTimeOffset RaisedAt { get; init; }

    /// <summary>When its last payment was tried.</summary>
    public required DateTimeOffset LastAt { get; init; }
}
