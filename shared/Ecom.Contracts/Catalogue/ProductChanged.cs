namespace Ecom.Contracts.Catalogue;

/// <summary>A product was added or changed; carries the whole product. Published by ingestion.</summary>
/// <remarks>Consumers keep the columns that they need; the highest <see cref="Version"/> wins.</remarks>
public sealed record ProductChanged
{
    /// <summary>Unique id, given by ingestion; also the message id.</summary>
    public required Guid EventId { get; init; }

    /// <summary>Product id, 1–100 characters.</summary>
    public required string ProductId { get; init; }

    /// <summary>Grows with each change of this product.</summary>
    public required long Version { get; init; }

    /// <summary>Name shown to people.</summary>
    public required string Name { get; init; }

    /// <summary>Brand; null if unknown.</summary>
    public string? Brand { get; init; }

    /// <summary>Category path, levels separated by " / "; null if unknown.</summary>
    public string? Category { get; init; }

    /// <summary>List price; null if unknown.</summary>
    public Money? Price { get; init; }

    /// <summary>Units on hand, 0 or more; null is unknown, which is not zero.</summary>
    public int? Stock { get; init; }

    /// <summary>False when the shop no longer sells it.</summary>
    public bool Active { get; init; } = true;

    /// <summary>From when it is sold, UTC, inclusive; null is no beginning.</summary>
    public DateTimeOffset? AvailableFrom { get; init; }

    /// <summary>Until when it is sold, UTC, exclusive; null is no end.</summary>
    public DateTimeOffset? AvailableUntil { get; init; }

    /// <summary>What else describes it, by name, for example "colour": "red"; null if unknown.</summary>
    public IReadOnlyDictionary<string, string>? Attributes { get; init; }

    /// <summary>Event time, UTC.</summary>
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>When ingestion received it, UTC.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Part of a history import: changes state, raises nothing.</summary>
    public bool Backfill { get; init; }

    /// <summary>Product id.</summary>
    public required string PartitionKey { get; init; }

    /// <summary>W3C trace context of the request that brought it; null if not sampled.</summary>
    public string? TraceParent { get; init; }
}
