using Ecom.Features;
using Ecom.Features.Online;
using Ecom.Fraud.Definitions;
using StackExchange.Redis;

namespace Ecom.Fraud.Storage;

/// <summary>Fraud's memory of cards, devices, addresses and customers in Redis, on keys of its own.</summary>
internal sealed class OnlineState(IConnectionMultiplexer redis, TimeProvider clock)
{
    // Another version of the definitions needs another generation.
    private const int Generation = 1;

    private readonly RedisFeatureStore _store =
        new(redis.GetDatabase(), FraudFeatures.Set, "fraud", Generation, clock);

    public Task<IReadOnlyList<EntityState>> ReadAsync(
        IReadOnlyList<EntityKey> entities, CancellationToken cancellation) =>
        _store.ReadAsync(entities, cancellation);

    /// <summary>Adds deltas; a message that is in already adds nothing.</summary>
    public Task ApplyAsync(IReadOnlyList<EntityDelta> deltas, CancellationToken cancellation) =>
        deltas.Count == 0 ? Task.CompletedTask : _store.ApplyAsync(deltas, cancellation);

    /// <summary>Forgets entities.</summary>
    public Task RemoveAsync(IReadOnlyList<EntityKey> entities, CancellationToken cancellation) =>
        _store.RemoveAsync(entities, cancellation);

    /// <summary>Takes an id out of the distinct counts of entities.</summary>
    public Task RemoveMemberAsync(
        IReadOnlyList<EntityKey> entities, string member, CancellationToken cancellation) =>
        _store.RemoveMemberAsync(entities, member, cancellation);
}
