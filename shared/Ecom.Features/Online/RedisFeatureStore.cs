using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using StackExchange.Redis;

namespace Ecom.Features.Online;

/// <summary>Feature states in Redis: one hash an entity and generation.</summary>
/// <remarks>
/// <para>
/// Keys: <c>prefix:g1:{customer:42}</c> holds the state, <c>prefix:g1:{customer:42}:applied</c> the ids of the
/// messages in it, by the time they were applied. Both share a hash tag, so that one script changes them together and
/// a cluster works.
/// </para>
/// <para>
/// A message counts once for each entity, in whatever order and however often it comes, as long as it comes again
/// within
/// <see cref="AppliedKept"/> of its first application; after that it would count again, so callers keep an inbox of
/// their own and rebuild a generation when in doubt. Keys expire when nothing was added for the longest window of
/// their kind and seven days.
/// </para>
/// <para>Thread-safe. Each call is one pipelined round trip (two, for customers with anonymous ids) in one span.</para>
/// </remarks>
/// <param name="database">Redis.</param>
/// <param name="set">The definitions.</param>
/// <param name="prefix">Begin of every key, for example <c>feature-store</c>; one owner a prefix.</param>
/// <param name="generation">Which generation of state is read and written, from 1.</param>
/// <param name="clock">Stamps applied ids.</param>
public sealed class RedisFeatureStore(
    IDatabase database, FeatureSet set, string prefix, int generation, TimeProvider clock)
{
    /// <summary>Name of the activity source of every round trip.</summary>
    public const string ActivitySourceName = "Ecom.Features";

    /// <summary>How long the id of an applied message is kept: 7 days.</summary>
    public static readonly TimeSpan AppliedKept = TimeSpan.FromDays(7);

    private static readonly TimeSpan _expiryMargin = TimeSpan.FromDays(7);
    private static readonly FieldMerge[] _merges = Enum.GetValues<FieldMerge>();
    private static readonly EntityKind[] _kinds = Enum.GetValues<EntityKind>();
    private static readonly ActivitySource _source = new(ActivitySourceName);
    private static readonly Meter _meter = new(ActivitySourceName);
    private static readonly Counter<long> _roundTrips = _meter.CreateCounter<long>(
        "ecom.features.redis.round_trips",
        "{round trip}",
        "Round trips to feature states in Redis; pipelined commands are one.");

    private readonly ApplyScript[] _scripts = Array.ConvertAll(_kinds, kind => new ApplyScript(
        set.RetentionTextOf(kind), set.LongestWindow(kind) + _expiryMargin, AppliedKept, FeatureSet.MemberCap));

    private readonly string[] _prefixes = Array.ConvertAll(_kinds, kind => string.Create(
        CultureInfo.InvariantCulture, $"{prefix}:g{generation}:{{{kind.ToString().ToLowerInvariant()}:"));

    /// <summary>The definitions.</summary>
    public FeatureSet Set => set;

    /// <summary>Which generation of state this reads and writes.</summary>
    public int Generation => generation;

    /// <summary>The same store on another generation.</summary>
    public RedisFeatureStore InGeneration(int other) => new(database, set, prefix, other, clock);

    /// <summary>The key of an entity's state.</summary>
    public string KeyOf(EntityKey entity) => $"{_prefixes[(int)entity.Kind]}{entity.Id}}}";

    /// <summary>Adds deltas, each once.</summary>
    /// <returns>How many messages were new, summed over the entities.</returns>
    /// <exception cref="RedisException">Redis failed. Some deltas may be in; applying all again adds the
    /// others.</exception>
    public async Task<int> ApplyAsync(IReadOnlyList<EntityDelta> deltas, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(deltas);
        cancellation.ThrowIfCancellationRequested();
        using var span = Start("EVALSHA", deltas.Count);
        return await ApplyTogetherAsync(deltas);
    }

    /// <summary>Reads the states of entities, in their order; an unknown entity has an empty state.</summary>
    /// <remarks>A customer's state includes those of its anonymous ids; they stay apart in Redis.</remarks>
    /// <param name="entities">The entities.</param>
    /// <param name="cancellation">Checked before the round trip.</param>
    /// <param name="beside">Adds what else is asked in the same round trip, after the states.</param>
    public async Task<IReadOnlyList<EntityState>> ReadAsync(
        IReadOnlyList<EntityKey> entities, CancellationToken cancellation, Action<IBatch>? beside = null)
    {
        ArgumentNullException.ThrowIfNull(entities);
        cancellation.ThrowIfCancellationRequested();
        using var span = Start("HGETALL", entities.Count);
        var states = await ReadStoredAsync(entities, beside);
        var visitors = states
            .SelectMany(state => state.AnonymousIds.Select(id => (state, new EntityKey(EntityKind.Visitor, id))))
            .ToArray();
        if (visitors.Length > 0)
        {
            var read = await ReadStoredAsync([.. visitors.Select(pair => pair.Item2)]);
            foreach (var ((customer, _), visitor) in visitors.Zip(read))
            {
                customer.Merge(visitor);
            }
        }

        return states;
    }

    /// <summary>Reads one state as it is stored: without its anonymous ids.</summary>
    public async Task<EntityState> ReadStoredAsync(EntityKey entity, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var span = Start("HGETALL", 1);
        return (await ReadStoredAsync([entity]))[0];
    }

    /// <summary>Removes entities: for erasure.</summary>
    public async Task RemoveAsync(IReadOnlyList<EntityKey> entities, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(entities);
        cancellation.ThrowIfCancellationRequested();
        using var span = Start("DEL", entities.Count);
        await Task.WhenAll(entities.Select(entity =>
            database.KeyDeleteAsync([KeyOf(entity), AppliedKeyOf(entity)])));
    }

    /// <summary>Takes a person's id out of what other entities hold of it: members of distinct counts, links.</summary>
    /// <param name="entities">The entities that may hold it.</param>
    /// <param name="member">The id, for example of an erased customer.</param>
    /// <param name="cancellation">Checked before the round trip.</param>
    public async Task RemoveMemberAsync(
        IReadOnlyList<EntityKey> entities, string member, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(entities);
        cancellation.ThrowIfCancellationRequested();
        using var span = Start("HDEL", entities.Count);
        await Task.WhenAll(entities.Select(entity => database.HashDeleteAsync(
            KeyOf(entity),
            [
                StateCodec.LinkField(member),
                .. set.DefinitionsOf(entity.Kind)
                    .Where(definition => definition.Aggregation == Aggregation.Distinct)
                    .Select(definition => (RedisValue)StateCodec.MemberField(definition.Name, member)),
            ])));
    }

    private static Activity? Start(string operation, int entities)
    {
        var span = _source.StartActivity($"redis {operation}", ActivityKind.Client);
        span?.SetTag("db.system.name", "redis");
        span?.SetTag("db.operation.name", operation);
        span?.SetTag("db.operation.batch.size", entities);
        return span;
    }

    // All messages of an entity in one script, all entities in one round trip; an entity's messages one by one if any
    // of them is in already, as after a crash.
    private async Task<int> ApplyTogetherAsync(IReadOnlyList<EntityDelta> deltas)
    {
        var batch = database.CreateBatch();
        var answers = Array.ConvertAll([.. deltas], delta => batch.ScriptEvaluateAsync(
            _scripts[(int)delta.Entity.Kind].Hash, KeysOf(delta), Arguments(delta)));
        batch.Execute();
        _roundTrips.Add(1);
        await ((Task)Task.WhenAll(answers)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var applied = 0;
        foreach (var (delta, answer) in deltas.Zip(answers))
        {
            applied += await IsAppliedAsync(delta, answer) ? delta.MessageIds.Count
                : delta.MessageIds.Count == 1 ? 0
                : await ApplyApartAsync(delta);
        }

        return applied;
    }

    private async Task<bool> IsAppliedAsync(EntityDelta delta, Task<RedisResult> answer)
    {
        try
        {
            return (long)await answer == 1;
        }
        catch (RedisServerException error) when (error.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            // A server that does not know the script yet.
            _roundTrips.Add(1);
            return (long)await database.ScriptEvaluateAsync(
                _scripts[(int)delta.Entity.Kind].Text, KeysOf(delta), Arguments(delta)) == 1;
        }
    }

    private async Task<int> ApplyApartAsync(EntityDelta delta)
    {
        var applied = 0;
        foreach (var message in delta.Apart())
        {
            applied += await ApplyTogetherAsync([message]);
        }

        return applied;
    }

    private RedisKey[] KeysOf(EntityDelta delta) => [KeyOf(delta.Entity), AppliedKeyOf(delta.Entity)];

    private string AppliedKeyOf(EntityKey entity) => KeyOf(entity) + ":applied";

    private async Task<EntityState[]> ReadStoredAsync(
        IReadOnlyList<EntityKey> entities, Action<IBatch>? beside = null)
    {
        var batch = database.CreateBatch();
        var answers = Array.ConvertAll([.. entities], entity => batch.HashGetAllAsync(KeyOf(entity)));
        beside?.Invoke(batch);
        batch.Execute();
        _roundTrips.Add(1);
        return [.. entities.Zip(await Task.WhenAll(answers), Decode)];
    }

    private EntityState Decode(EntityKey entity, HashEntry[] hash)
    {
        var state = new EntityState(set, entity.Kind);
        foreach (var entry in hash)
        {
            StateCodec.Decode(
                state, ((ReadOnlyMemory<byte>)entry.Name).Span, ((ReadOnlyMemory<byte>)entry.Value).Span);
        }

        state.Prune();
        return state;
    }

    private RedisValue[] Arguments(EntityDelta delta)
    {
        List<RedisValue> arguments =
        [
            delta.MessageIds.Count,
            .. delta.MessageIds.Select(message => (RedisValue)message.ToByteArray()),
            clock.GetUtcNow().ToUnixTimeMilliseconds(),
        ];
        StateField[] fields = [.. StateCodec.Fields(delta.Partial)];
        foreach (var merge in _merges)
        {
            var count = arguments.Count;
            arguments.Add(RedisValue.Null);
            foreach (var field in fields)
            {
                if (field.Merge == merge)
                {
                    arguments.Add(field.Name);
                    arguments.Add(field.Value);
                }
            }

            arguments[count] = (arguments.Count - count - 1) / 2;
        }

        return [.. arguments];
    }
}
