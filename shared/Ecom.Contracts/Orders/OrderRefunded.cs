namespace Ecom.Contracts.Orders;

/// <summary>Goods came back, or money went back. Published by ingestion.</summary>
public sealed record OrderRefunded
{
    /// <summary>Unique id, given by ingestion; also the message id.</summary>
    public required Guid EventId { get; init; }

    /// <summary>The shop's number of the refund; one order can have several.</summary>
    public required string RefundId { get; init; }

    /// <summary>The order it belongs to; null if the shop did not say.</summary>
    public string? OrderId { get; init; }

    /// <summary>Known customer; null if unknown.</summary>
    public string? CustomerId { get; init; }

    /// <summary>What came back, quantities positive; empty if only money went back.</summary>
    public required IReadOnlyList<OrderLine> Lines { get; init; }

    /// <summary>Money that went back, positive.</summary>
    public required Money Total { get; init; }

    /// <summary>Event time, UTC.</summary>
    public required DateTimeOffset RefundedAt { get; init; }

    /// <summary>When ingestion received it, UTC.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Part of a history import: changes state, raises nothing.</summary>
    public bool Backfill { get; init; }

    /// <summary>Customer id, else order id, else refund id.</summary>
    public required string PartitionKey { get; init; }

    /// <summary>W3C trace context of the request that brought it; null if not sampled.</summary>
    public string? TraceParent { get; init; }
}
