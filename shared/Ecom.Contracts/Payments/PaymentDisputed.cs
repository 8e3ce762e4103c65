namespace Ecom.Contracts.Payments;

/// <summary>
/// A bank or cardholder disputed a payment: the label "fraud", which arrives weeks late. Published by ingestion.
/// </summary>
public sealed record PaymentDisputed
{
    /// <summary>Unique id, given by ingestion; also the message id.</summary>
    public required Guid EventId { get; init; }

    /// <summary>The disputed payment.</summary>
    public required string PaymentId { get; init; }

    /// <summary>Reason as stated, for example "fraudulent" or "product_not_received"; null if none.</summary>
    public string? Reason { get; init; }

    /// <summary>When the dispute reached the shop: event time, UTC. The label counts from here on.</summary>
    public required DateTimeOffset DisputedAt { get; init; }

    /// <summary>When ingestion received it, UTC.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Part of a history import: changes state, raises nothing.</summary>
    public bool Backfill { get; init; }

    /// <summary>Payment id.</summary>
    public required string PartitionKey { get; init; }

    /// <summary>W3C trace context of the request that brought it; null if not sampled.</summary>
    public string? TraceParent { get; init; }
}
