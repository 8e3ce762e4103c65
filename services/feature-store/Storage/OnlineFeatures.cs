using Ecom.FeatureStore.Definitions;
using Ecom.Features;
using Ecom.Features.Online;
using StackExchange.Redis;

namespace Ecom.FeatureStore.Storage;

/// <summary>The online state: reads the active generation, writes it and the one that is being built.</summary>
internal sealed class OnlineFeatures(IConnectionMultiplexer redis, Generations generations, TimeProvider clock)
{
    private const string Prefix = "feature-store";

    private readonly RedisFeatureStore _first = new(redis.GetDatabase(), ShopFeatures.Set, Prefix, 1, clock);
    private volatile RedisFeatureStore[] _written = [];

    /// <summary>The definitions.</summary>
    public FeatureSet Set => _first.Set;

    /// <summary>The generation that is read.</summary>
    public RedisFeatureStore Active => _written.Length > 0
        ? _written[0]
        : throw new InvalidOperationException("Generations have not been read yet.");

    /// <summary>Learns which generations are active and building: every two seconds on every replica.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        var known = await generations.ListAsync(cancellation);
        _written =
        [
            .. known.Where(generation => generation.State is "active" or "building")
                .OrderBy(generation => generation.State, StringComparer.Ordinal)
                .Select(generation => _first.InGeneration(generation.Number)),
        ];
    }

    /// <summary>One generation, for the job that fills it.</summary>
    public RedisFeatureStore InGeneration(int generation) => _first.InGeneration(generation);

    /// <summary>Adds deltas to the active generation and to the one that is being built.</summary>
    public async Task ApplyAsync(IReadOnlyList<EntityDelta> deltas, CancellationToken cancellation)
    {
        if (deltas.Count == 0)
        {
            return;
        }

        foreach (var store in _written)
        {
            await store.ApplyAsync(deltas, cancellation);
        }
    }

    /// <summary>Takes entities out of every generation that is written.</summary>
    public async Task RemoveAsync(IReadOnlyList<EntityKey> entities, CancellationToken cancellation)
    {
        foreach (var store in _written)
        {
            await store.RemoveAsync(entities, cancellation);
        }
    }

    /// <summary>Takes an id out of the distinct counts of entities, in every generation that is written.</summary>
    public async Task RemoveMemberAsync(
        IReadOnlyList<EntityKey> entities, string member, CancellationToken cancellation)
    {
        foreach (var store in _written)
        {
            await store.RemoveMemberAsync(entities, member, cancellation);
        }
    }

    /// <summary>Deletes every key of a generation that is no longer used.</summary>
    public async Task DropAsync(int generation, CancellationToken cancellation)
    {
        const int PageSize = 1000;

        var database = redis.GetDatabase();
        foreach (var server in redis.GetServers().Where(server => !server.IsReplica))
        {
            var keys = server.KeysAsync(database.Database, $"{Prefix}:g{generation}:*", PageSize);
            await foreach (var page in keys.Chunk(PageSize).WithCancellation(cancellation))
            {
                await Task.WhenAll(page.Select(key => database.KeyDeleteAsync(key)));
            }
        }
    }
}
