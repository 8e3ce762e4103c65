namespace Ecom.Contracts.Orders;

/// <summary>An order was cancelled as a whole before delivery. Published by ingestion.</summary>
public sealed record OrderCancelled
{
    /// <summary>Unique id, given by ingestion; also the message id.</summary>
    public required Guid EventId { get; init; }

    /// <summary>The order that is cancelled. It may arrive later than this message, or never.</summary>
    public required string OrderId { get; init; }

    /// <summary>Known customer; null if unknown.</summary>
    public string? CustomerId { get; init; }

    /// <summary>Reason as stated by the shop; null if none.</summary>
    public string? Reason { get; init; }

    /// <summary>Event time, UTC.</summary>
    public required DateTimeOffset CancelledAt { get; init; }

    /// <summary>When ingestion received it, UTC.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Part of a history import: changes state, raises nothing.</summary>
    public bool Backfill { get; init; }

    /// <summary>Customer id, else order id.</summary>
    public required string PartitionKey { get; init; }

    /// <summary>W3C trace context of the request that brought it; null if not sampled.</summary>
    public string? TraceParent { get; init; }
}
