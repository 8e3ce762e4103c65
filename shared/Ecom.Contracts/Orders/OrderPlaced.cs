namespace Ecom.Contracts.Orders;

/// <summary>A customer placed an order and the shop accepted it. Published once per order id by ingestion.</summary>
/// <remarks>Consumers are idempotent on the message id, which equals <see cref="EventId"/>.</remarks>
public sealed record OrderPlaced
{
    /// <summary>Unique id, given by ingestion; also the message id.</summary>
    public required Guid EventId { get; init; }

    /// <summary>The shop's order number, 1–100 characters.</summary>
    public required string OrderId { get; init; }

    /// <summary>Known customer; null for an anonymous order.</summary>
    public string? CustomerId { get; init; }

    /// <summary>Browser id; null if not stated.</summary>
    public string? AnonymousId { get; init; }

    /// <summary>1 to 2,000 lines; a product appears in at most one line.</summary>
    public required IReadOnlyList<OrderLine> Lines { get; init; }

    /// <summary>What the order cost in all; the sum of the lines if the shop stated nothing.</summary>
    public required Money Total { get; init; }

    /// <summary>ISO 3166 country the order ships to; null if unknown.</summary>
    public string? Country { get; init; }

    /// <summary>Promotion or coupon codes; empty if none.</summary>
    public IReadOnlyList<string> Coupons { get; init; } = [];

    /// <summary>Session, device and network.</summary>
    public required Source Source { get; init; }

    /// <summary>When the customer placed it: event time, UTC.</summary>
    public required DateTimeOffset PlacedAt { get; init; }

    /// <summary>When ingestion received it, UTC.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Part of a history import: changes state, raises nothing.</summary>
    public bool Backfill { get; init; }

    /// <summary>Customer id, else anonymous id, else order id.</summary>
    public required string PartitionKey { get; init; }

    /// <summary>W3C trace context of the request that brought it; null if not sampled.</summary>
    public string? TraceParent { get; init; }
}

/// <summary>One product of an order.</summary>
public sealed record OrderLine
{
    /// <summary>Product id, 1–100 characters.</summary>
    public required string ProductId { get; init; }

    /// <summary>Units, at least 1.</summary>
    public required int Quantity { get; init; }

    /// <summary>Price of one unit.</summary>
    public required Money UnitPrice { get; init; }
}
