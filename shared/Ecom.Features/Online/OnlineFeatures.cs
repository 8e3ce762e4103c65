using System.Collections.Concurrent;
using System.Globalization;
using StackExchange.Redis;

namespace Ecom.Features.Online;

/// <summary>
/// Feature states in Redis by generation: the active one is read; it and the one that is being built are written.
/// </summary>
/// <param name="redis">Redis.</param>
/// <param name="set">The definitions.</param>
/// <param name="prefix">Begin of every key, for example <c>feature-store</c>; one owner a prefix.</param>
/// <param name="written">Numbers of the generations that are written, the active one first.</param>
/// <param name="refresh">Makes sure before each write that <paramref name="written"/> is fresh.</param>
/// <param name="clock">Stamps applied ids.</param>
public sealed class OnlineFeatures(
    IConnectionMultiplexer redis,
    FeatureSet set,
    string prefix,
    Func<IReadOnlyList<int>> written,
    Func<CancellationToken, ValueTask> refresh,
    TimeProvider clock)
{
    private const int PageSize = 1000;
    private const string AppliedSuffix = ":applied";

    private readonly ConcurrentDictionary<int, RedisFeatureStore> _stores = new();

    /// <summary>The definitions.</summary>
    public FeatureSet Set => set;

    /// <summary>The generation that is read.</summary>
    public RedisFeatureStore Active => InGeneration(written()[0]);

    /// <summary>One generation, for the job that fills it.</summary>
    public RedisFeatureStore InGeneration(int generation) => _stores.GetOrAdd(
        generation, number => new RedisFeatureStore(redis.GetDatabase(), set, prefix, number, clock));

    /// <summary>The same definitions, and no generation that is read or written.</summary>
    public OnlineFeatures WithoutWriting() => new(redis, set, prefix, () => [], _ => ValueTask.CompletedTask, clock);

    /// <summary>Adds deltas to the active generation and to the one that is being built.</summary>
    /// <exception cref="RedisException">Redis failed. Some deltas may be in; applying all again adds the
    /// others.</exception>
    public async Task ApplyAsync(IReadOnlyList<EntityDelta> deltas, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(deltas);
        if (deltas.Count == 0)
        {
            return;
        }

        await refresh(cancellation);
        foreach (var generation in written())
        {
            await InGeneration(generation).ApplyAsync(deltas, cancellation);
        }
    }

    /// <summary>Takes entities out of every generation that is written.</summary>
    public async Task RemoveAsync(IReadOnlyList<EntityKey> entities, CancellationToken cancellation)
    {
        await refresh(cancellation);
        foreach (var generation in written())
        {
            await InGeneration(generation).RemoveAsync(entities, cancellation);
        }
    }

    /// <summary>Takes an id out of the distinct counts of entities, in every generation that is written.</summary>
    public async Task RemoveMemberAsync(
        IReadOnlyList<EntityKey> entities, string member, CancellationToken cancellation)
    {
        await refresh(cancellation);
        foreach (var generation in written())
        {
            await InGeneration(generation).RemoveMemberAsync(entities, member, cancellation);
        }
    }

    /// <summary>Compares the stored states of two generations, bit for bit. Nobody may write meanwhile.</summary>
    /// <param name="one">A generation.</param>
    /// <param name="other">Another one.</param>
    /// <param name="limit">How many entities of each are looked at, in no stated order.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>How many entities were compared, and which ones differed.</returns>
    public async Task<(int Compared, IReadOnlyList<EntityKey> Differing)> CompareAsync(
        int one, int other, int limit, CancellationToken cancellation)
    {
        var entities = new HashSet<EntityKey>();
        foreach (var generation in new[] { one, other })
        {
            await foreach (var entity in EntitiesAsync(generation).Take(limit).WithCancellation(cancellation))
            {
                entities.Add(entity);
            }
        }

        var differing = new List<EntityKey>();
        foreach (var page in entities.Chunk(PageSize))
        {
            var left = await StoredAsync(one, page);
            var right = await StoredAsync(other, page);
            differing.AddRange(page.Where((_, i) => !SameFields(left[i], right[i])));
        }

        return (entities.Count, differing);

        Task<EntityState[]> StoredAsync(int generation, IEnumerable<EntityKey> page) => Task.WhenAll(
            page.Select(entity => InGeneration(generation).ReadStoredAsync(entity, cancellation)));
    }

    /// <summary>Deletes every key of a generation that is no longer used.</summary>
    public async Task DropAsync(int generation, CancellationToken cancellation)
    {
        var database = redis.GetDatabase();
        await foreach (var page in KeysAsync(generation).Chunk(PageSize).WithCancellation(cancellation))
        {
            await Task.WhenAll(page.Select(key => database.KeyDeleteAsync(key)));
        }
    }

    private static bool SameFields(EntityState left, EntityState right)
    {
        var (one, other) = (left.Fields(), right.Fields());
        return one.Count == other.Count
            && one.All(field => other.TryGetValue(field.Key, out var value) && value == field.Value);
    }

    private string Begin(int generation) => string.Create(CultureInfo.InvariantCulture, $"{prefix}:g{generation}:{{");

    private async IAsyncEnumerable<EntityKey> EntitiesAsync(int generation)
    {
        var begin = Begin(generation).Length;
        await foreach (var key in KeysAsync(generation))
        {
            var name = key.ToString();
            if (name.EndsWith(AppliedSuffix, StringComparison.Ordinal) && name[^(AppliedSuffix.Length + 1)] == '}')
            {
                continue;
            }

            var colon = name.IndexOf(':', begin);
            yield return new EntityKey(
                Enum.Parse<EntityKind>(name[begin..colon], ignoreCase: true), name[(colon + 1)..^1]);
        }
    }

    private async IAsyncEnumerable<RedisKey> KeysAsync(int generation)
    {
        foreach (var server in redis.GetServers().Where(server => !server.IsReplica))
        {
            var keys = server.KeysAsync(redis.GetDatabase().Database, $"{Begin(generation)}*", PageSize);
            await foreach (var key in keys)
            {
                yield return key;
            }
        }
    }
}
