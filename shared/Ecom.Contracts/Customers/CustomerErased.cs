namespace Ecom.Contracts.Customers;

/// <summary>
/// A customer asked to be forgotten. Every service deletes what it holds and refuses later writes. Published by
/// ingestion.
/// </summary>
public sealed record CustomerErased
{
    /// <summary>Unique id, given by ingestion; also the message id.</summary>
    public required Guid EventId { get; init; }

    /// <summary>The customer to erase; services keep only a keyed hash of it afterwards.</summary>
    public required string CustomerId { get; init; }

    /// <summary>The browser ids that belonged to the customer.</summary>
    public IReadOnlyList<string> AnonymousIds { get; init; } = [];

    /// <summary>When erasure was requested, UTC.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>Customer id.</summary>
    public required string PartitionKey { get; init; }
}
