namespace Ecom.Cli.Bench.Faults;

/// <summary>What an event of the stream is about.</summary>
internal enum FactKind
{
    /// <summary>Accepted, and counted nowhere.</summary>
    Page,
    View,
    Cart,
    Order,
    Cancellation,
    Refund,
    Payment,
    Dispute,
    Identification,
}

/// <summary>A line of an order.</summary>
/// <param name="Product">Product id.</param>
/// <param name="Quantity">Units.</param>
/// <param name="Price">Minor units for one.</param>
internal readonly record struct FactLine(string Product, int Quantity, long Price);

/// <summary>What is true once an event was accepted: what services must have counted, once.</summary>
internal sealed record Fact
{
    public required FactKind Kind { get; init; }

    public string? Customer { get; init; }

    public string? Visitor { get; init; }

    /// <summary>Number of the order, refund or payment.</summary>
    public string? Reference { get; init; }

    public IReadOnlyList<FactLine> Lines { get; init; } = [];

    /// <summary>Minor units.</summary>
    public long Amount { get; init; }

    public string? Card { get; init; }

    public string? Device { get; init; }

    /// <summary>Sent by a robot: kept, and counted nowhere.</summary>
    public bool Robot { get; init; }

    /// <summary>History: counts, and raises nothing.</summary>
    public bool Backfill { get; init; }

    /// <summary>Days old when it was sent.</summary>
    public bool Late { get; init; }
}

/// <summary>An event as it is sent, with what it means.</summary>
/// <param name="MessageId">The sender's id.</param>
/// <param name="Json">The event's bytes; the same on every attempt.</param>
/// <param name="Fact">What it makes true; null for one that must be rejected.</param>
internal sealed record PlannedEvent(string MessageId, ReadOnlyMemory<byte> Json, Fact? Fact);
