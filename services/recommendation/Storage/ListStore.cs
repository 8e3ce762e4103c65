using Ecom.Recommendation.Lists;
using Ecom.ServiceDefaults.Telemetry;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Ecom.Recommendation.Storage;

/// <summary>
/// Everything that an answer needs, in Redis as plain string values: lists of a generation, what each visitor bought,
/// hid and carries, popular products. One round trip reads a request's values.
/// </summary>
/// <remarks>
/// Lists of customers have no time to live: they are replaced by the next generation and deleted with their own.
/// A visitor's values share a hash tag, so that a cluster reads them together.
/// </remarks>
internal sealed partial class ListStore(
    IConnectionMultiplexer redis,
    IOptions<RecommendationOptions> options,
    TimeProvider clock,
    ILogger<ListStore> logger)
{
    private const string PopularKey = "recommendation:popular";
    private const string TrendingKey = "recommendation:trending";
    private const string SegmentsKey = "recommendation:segments";
    private const int MostKeptVisitors = 8_192;
    private const int WritesAtOnce = 500;

    // A value made with a lower ticket never replaces one made with a higher: it has seen less.
    private const string SetIfNewer = """
        local old = redis.call('GETRANGE', KEYS[1], 1, 8)
        if #old == 8 and struct.unpack('<i8', old) > tonumber(ARGV[2]) then return 0 end
        if ARGV[3] == '0' then redis.call('SET', KEYS[1], ARGV[1])
        else redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3]) end
        return 1
        """;

    // A page does not wait for a Redis that hangs; then it is left alone for a while.
    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(500);

    // Direct-mapped by the visitor's hash: what was read last, for when Redis is away.
    private readonly VisitorValues?[] _lastKnown = new VisitorValues?[MostKeptVisitors];
    private long _awayUntil;

    /// <summary>Reads what one answer needs.</summary>
    /// <param name="model">What is served; null reads no lists.</param>
    /// <param name="visitor">Whose; null for nobody.</param>
    /// <param name="anchors">Positions in the model of products whose similar ones are wanted.</param>
    /// <returns>Never throws for Redis: values may be the last known ones, or missing.</returns>
    public ValueTask<VisitorValues> ReadAsync(ServedModel? model, string? visitor, IReadOnlyList<int> anchors)
    {
        var isMissing = false;
        for (var at = 0; at < anchors.Count; at++)
        {
            isMissing |= model!.Similar[anchors[at]] is null;
        }

        if (visitor is null && !isMissing)
        {
            return new(redis.IsConnected ? VisitorValues.Nobody : VisitorValues.NobodyAway);
        }

        // Without a connection a command would wait for one until its time is out.
        return redis.IsConnected && !IsLeftAlone()
            ? ReadConnectedAsync(model, visitor, isMissing ? anchors : [])
            : new(LastKnownOf(visitor));
    }

    /// <summary>What everybody can be shown: empty lists, and null for segments, where Redis has none.</summary>
    public async Task<PopularValues> ReadPopularAsync()
    {
        if (!redis.IsConnected)
        {
            return new PopularValues([], [], null);
        }

        var database = redis.GetDatabase();
        var popular = database.StringGetAsync(PopularKey);
        var trending = database.StringGetAsync(TrendingKey);
        var segments = database.StringGetAsync(SegmentsKey);
        return new PopularValues(
            ListCodec.Decode(await popular),
            ListCodec.Decode(await trending),
            ListCodec.DecodeSegments(await segments));
    }

    /// <summary>Writes lists of a generation, unless newer ones are there.</summary>
    public Task WriteListsAsync(long generation, IEnumerable<VisitorValue> lists) =>
        WriteIfNewerAsync(lists.Select(list => (ListPrefix(generation) + list.Visitor + "}", list)));

    /// <summary>Writes what visitors bought, hid and carry, and their segment, unless it is known newer.</summary>
    public Task WriteStatesAsync(IEnumerable<VisitorValue> states) =>
        WriteIfNewerAsync(states.Select(state => (StateKey(state.Visitor), state)));

    public Task WriteSimilarAsync(long generation, IReadOnlyCollection<(string Product, byte[] List)> lists) =>
        WriteAsync([.. lists.Select(list => ((RedisKey)SimilarKey(generation, list.Product), list.List))]);

    public Task WritePopularAsync(IReadOnlyCollection<ListItem> popular, IReadOnlyCollection<ListItem> trending) =>
        WriteAsync([(PopularKey, ListCodec.Encode(popular)), (TrendingKey, ListCodec.Encode(trending))]);

    public Task WriteSegmentsAsync(IReadOnlyCollection<SegmentItems> segments) =>
        WriteAsync([(SegmentsKey, ListCodec.Encode(segments))]);

    /// <summary>Deletes lists of a generation that is no longer kept.</summary>
    public async Task DeleteAsync(long generation, CancellationToken cancellation)
    {
        using var span = RedisSpans.Start("SCAN and UNLINK");
        string[] patterns = [$"recommendation:list:{generation}:*", $"recommendation:similar:{generation}:*"];
        foreach (var server in redis.GetServers().Where(server => !server.IsReplica))
        {
            foreach (var pattern in patterns)
            {
                var keys = server.KeysAsync(
                    redis.GetDatabase().Database, pattern: pattern, pageSize: 1_000);
                await foreach (var key in keys.WithCancellation(cancellation))
                {
                    await redis.GetDatabase().KeyDeleteAsync(key);
                }
            }
        }
    }

    /// <summary>Removes everything about visitors.</summary>
    public async Task EraseAsync(IReadOnlyCollection<string> visitors, IEnumerable<long> generations)
    {
        using var span = RedisSpans.Start("UNLINK");
        RedisKey[] keys =
        [
            .. visitors.Select(StateKey),
            .. generations.SelectMany(generation => visitors.Select(visitor => ListPrefix(generation) + visitor + "}")),
        ];
        await Task.WhenAll(keys.Select(key => redis.GetDatabase().KeyDeleteAsync(key)));
        foreach (var visitor in visitors)
        {
            _lastKnown[PlaceOf(visitor)] = null;
        }
    }

    // Once Redis has failed no request waits for it: whether it is back is found out beside them.
    private bool IsLeftAlone()
    {
        var until = Volatile.Read(ref _awayUntil);
        if (until == 0)
        {
            return false;
        }

        if (clock.GetTimestamp() >= until
            && Interlocked.CompareExchange(ref _awayUntil, PauseFromNow(), until) == until)
        {
            _ = TryComeBackAsync();
        }

        return true;
    }

    private async Task TryComeBackAsync()
    {
        try
        {
            await redis.GetDatabase().PingAsync().WaitAsync(_patience);
            Volatile.Write(ref _awayUntil, 0);
        }
        catch (Exception error) when (error is RedisException or TimeoutException)
        {
            LogAway(error.Message);
        }
    }

    private long PauseFromNow() => clock.GetTimestamp() + (long)(_pause.TotalSeconds * clock.TimestampFrequency);

    private async ValueTask<VisitorValues> ReadConnectedAsync(
        ServedModel? model, string? visitor, IReadOnlyList<int> anchors)
    {
        var database = redis.GetDatabase();
        using var span = RedisSpans.Start("read lists", anchors.Count + (visitor is null ? 0 : 1));
        try
        {
            var generation = model?.Generation.Number ?? 0;
            var similar = anchors.Count == 0 ? null : ReadSimilarAsync(database, model!, anchors);
            var found = VisitorValues.Nobody;
            if (visitor is not null)
            {
                RedisKey[] keys = [StateKey(visitor), ListPrefix(generation) + visitor + "}"];
                var values = await database.StringGetAsync(keys).WaitAsync(_patience);
                found = new VisitorValues
                {
                    Visitor = visitor,
                    Generation = generation,
                    State = values[0],
                    List = values[1],
                };
                _lastKnown[PlaceOf(visitor)] = found;
            }

            if (similar is not null)
            {
                await similar.WaitAsync(_patience);
            }

            return found;
        }
        catch (Exception error) when (error is RedisException or TimeoutException)
        {
            Volatile.Write(ref _awayUntil, PauseFromNow());
            LogAway(error.Message);
            return LastKnownOf(visitor);
        }
    }

    private static async Task ReadSimilarAsync(IDatabase database, ServedModel model, IReadOnlyList<int> anchors)
    {
        var missing = anchors.Where(anchor => model.Similar[anchor] is null).Distinct().ToArray();
        var reads = missing
            .Select(anchor => database.StringGetAsync(SimilarKey(model.Generation.Number, model.Products[anchor].Id)))
            .ToArray();
        foreach (var (at, value) in (await Task.WhenAll(reads)).Index())
        {
            // What is not there is not kept as missing: it may be lost and made anew.
            model.Similar[missing[at]] = (byte[]?)value;
        }
    }

    private VisitorValues LastKnownOf(string? visitor) =>
        visitor is not null && _lastKnown[PlaceOf(visitor)] is { } known && known.Visitor == visitor
            ? known with { IsAway = true }
            : VisitorValues.NobodyAway;

    private async Task WriteIfNewerAsync(IEnumerable<(string Key, VisitorValue Value)> values)
    {
        var database = redis.GetDatabase();
        foreach (var chunk in values.Chunk(WritesAtOnce))
        {
            using var span = RedisSpans.Start("SET if newer", chunk.Length);
            await Task.WhenAll(chunk.Select(entry => database.ScriptEvaluateAsync(
                SetIfNewer,
                [entry.Key],
                [entry.Value.Value, entry.Value.Ticket, LifetimeMs(entry.Value)])));
        }
    }

    private long LifetimeMs(VisitorValue value) =>
        value.Lifetime is { } lifetime ? (long)lifetime.TotalMilliseconds
        : Visitor.IsCustomer(value.Visitor) ? 0
        : (long)options.Value.SessionLifetime.TotalMilliseconds;

    private async Task WriteAsync(IReadOnlyCollection<(RedisKey Key, byte[] Value)> values)
    {
        using var span = RedisSpans.Start("SET", values.Count);
        await Task.WhenAll(values.Select(value => redis.GetDatabase().StringSetAsync(value.Key, value.Value)));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis cannot be read, answers are degraded: {Reason}")]
    private partial void LogAway(string reason);

    private static int PlaceOf(string visitor) => (int)(IdHash.Of(visitor) % MostKeptVisitors);

    private static string ListPrefix(long generation) => $"recommendation:list:{generation}:{{";

    private static string SimilarKey(long generation, string product) =>
        $"recommendation:similar:{generation}:{{{product}}}";

    private static string StateKey(string visitor) => "recommendation:visitor:{" + visitor + "}";
}

/// <summary>What Redis holds about one visitor.</summary>
internal sealed record VisitorValues
{
    /// <summary>Nobody is named.</summary>
    public static VisitorValues Nobody { get; } = new();

    /// <summary>Redis is away, and nothing is known of the visitor.</summary>
    public static VisitorValues NobodyAway { get; } = new() { IsAway = true };

    public string? Visitor { get; init; }

    /// <summary>The generation that the list belongs to.</summary>
    public long Generation { get; init; }

    /// <summary>A <see cref="CompactList"/>; null if there is none.</summary>
    public byte[]? List { get; init; }

    /// <summary>A <see cref="VisitorState"/>; null if there is none.</summary>
    public byte[]? State { get; init; }

    /// <summary>Whether Redis cannot be read: the values are the last known ones, or missing.</summary>
    public bool IsAway { get; init; }
}

/// <summary>What Redis holds for everybody.</summary>
/// <param name="Popular">Products that most people want.</param>
/// <param name="Trending">Products that are wanted more than usual.</param>
/// <param name="Segments">What is popular in each segment; null if Redis does not tell.</param>
internal sealed record PopularValues(
    IReadOnlyList<ListItem> Popular, IReadOnlyList<ListItem> Trending, IReadOnlyList<SegmentItems>? Segments);

/// <summary>A value to write about a visitor.</summary>
/// <param name="Visitor">Whose.</param>
/// <param name="Ticket">What it was made with.</param>
/// <param name="Value">The value.</param>
/// <param name="Lifetime">How long it lives; null for ever with customers, as a session with browsers.</param>
internal sealed record VisitorValue(string Visitor, long Ticket, byte[] Value, TimeSpan? Lifetime = null);
