namespace Ecom.Contracts.Customers;

/// <summary>
/// An anonymous visitor turned out to be a customer, or a customer's traits changed. Published by ingestion.
/// </summary>
public sealed record CustomerIdentified
{
    /// <summary>Unique id, given by ingestion; also the message id.</summary>
    public required Guid EventId { get; init; }

    /// <summary>The known customer, 1–100 characters.</summary>
    public required string CustomerId { get; init; }

    /// <summary>The browser id that belongs to the customer; null if only traits changed.</summary>
    public string? AnonymousId { get; init; }

    /// <summary>ISO 3166 country; null if unknown.</summary>
    public string? Country { get; init; }

    /// <summary>Keyed hash of the e-mail address; null if unknown.</summary>
    public string? EmailHash { get; init; }

    /// <summary>Domain of the e-mail address, lower case; null if unknown.</summary>
    public string? EmailDomain { get; init; }

    /// <summary>When the customer's account was created; null if unknown.</summary>
    public DateTimeOffset? RegisteredAt { get; init; }

    /// <summary>Session, device and network.</summary>
    public required Source Source { get; init; }

    /// <summary>Event time, UTC.</summary>
    public required DateTimeOffset IdentifiedAt { get; init; }

    /// <summary>When ingestion received it, UTC.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Part of a history import: changes state, raises nothing.</summary>
    public bool Backfill { get; init; }

    /// <summary>Customer id.</summary>
    public required string PartitionKey { get; init; }

    /// <summary>W3C trace context of the request that brought it; null if not sampled.</summary>
    public string? TraceParent { get; init; }
}
