using Ecom.Recommendation.Lists;
using Ecom.ServiceDefaults.Telemetry;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Ecom.Recommendation.Storage;

/// <summary>
/// Everything that an answer needs, in Redis: lists of a generation, popular products, sessions, purchases.
/// Lists have no time to live: they are replaced by the next generation and deleted with their own.
/// </summary>
internal sealed partial class ListStore(
    IConnectionMultiplexer redis, IOptions<RecommendationOptions> options, ILogger<ListStore> logger)
{
    private const string PopularKey = "recommendation:popular";
    private const string TrendingKey = "recommendation:trending";

    /// <returns>Null while Redis is away: a shop page with the plain range beats an error page.</returns>
    public async Task<ListInputs?> TryReadAsync(ListQuery query)
    {
        // Without a connection a command would wait for one until its time is out.
        if (!redis.IsConnected)
        {
            return null;
        }

        try
        {
            return await ReadAsync(query);
        }
        catch (Exception error) when (error is RedisException or RedisTimeoutException)
        {
            LogAway(error.Message);
            return null;
        }
    }

    public Task WritePersonalAsync(long generation, IReadOnlyCollection<(string Customer, byte[] List)> lists) =>
        WriteAsync([.. lists.Select(list => (PersonalKey(generation, list.Customer), list.List))]);

    public Task WriteSimilarAsync(long generation, IReadOnlyCollection<(string Product, byte[] List)> lists) =>
        WriteAsync([.. lists.Select(list => (SimilarKey(generation, list.Product), list.List))]);

    public Task WritePopularAsync(IReadOnlyCollection<ListItem> popular, IReadOnlyCollection<ListItem> trending) =>
        WriteAsync([(PopularKey, ListCodec.Encode(popular)), (TrendingKey, ListCodec.Encode(trending))]);

    /// <summary>Deletes lists of a generation that is no longer kept.</summary>
    public async Task DeleteAsync(long generation, CancellationToken cancellation)
    {
        using var span = RedisSpans.Start("SCAN and UNLINK");
        string[] patterns = [$"recommendation:list:{generation}:*", $"recommendation:similar:{generation}:*"];
        foreach (var server in redis.GetServers().Where(server => !server.IsReplica))
        {
            foreach (var pattern in patterns)
            {
                var keys = server.KeysAsync(pattern: pattern, pageSize: 1_000);
                await foreach (var key in keys.WithCancellation(cancellation))
                {
                    await redis.GetDatabase().KeyDeleteAsync(key);
                }
            }
        }
    }

    /// <summary>Adds to the set of purchases; repeating it changes nothing.</summary>
    public async Task AddBoughtAsync(IReadOnlyCollection<(string Customer, string Product)> purchases)
    {
        using var span = RedisSpans.Start("SADD", purchases.Count);
        await Task.WhenAll(purchases
            .GroupBy(purchase => purchase.Customer, purchase => (RedisValue)purchase.Product)
            .Select(group => redis.GetDatabase().SetAddAsync(BoughtKey(group.Key), [.. group])));
    }

    /// <summary>Notes the newest time a visitor touched products; order and repetition do not matter.</summary>
    public async Task TouchSessionAsync(IReadOnlyCollection<ProductTouch> touches)
    {
        using var span = RedisSpans.Start("ZADD", touches.Count);
        var database = redis.GetDatabase();
        var writes = new List<Task>();
        foreach (var session in touches.GroupBy(touch => touch.Visitor))
        {
            var key = SessionKey(session.Key);
            var entries = session
                .GroupBy(touch => touch.ProductId)
                .Select(group => new SortedSetEntry(group.Key, group.Max(touch => touch.At.ToUnixTimeMilliseconds())));
            writes.Add(database.SortedSetAddAsync(key, [.. entries], SortedSetWhen.GreaterThan));
            writes.Add(database.SortedSetRemoveRangeByRankAsync(key, 0, -options.Value.SessionLength - 1));
            writes.Add(database.KeyExpireAsync(key, options.Value.SessionLifetime));
        }

        await Task.WhenAll(writes);
    }

    /// <summary>Removes everything about a customer and their browsers.</summary>
    public async Task EraseAsync(string customer, IReadOnlyCollection<string> visitors, IEnumerable<long> generations)
    {
        using var span = RedisSpans.Start("UNLINK");
        RedisKey[] keys =
        [
            BoughtKey(customer),
            .. visitors.Select(SessionKey),
            .. generations.Select(generation => PersonalKey(generation, customer)),
        ];
        await Task.WhenAll(keys.Select(key => redis.GetDatabase().KeyDeleteAsync(key)));
    }

    private async Task<ListInputs> ReadAsync(ListQuery query)
    {
        var database = redis.GetDatabase();
        using var span = RedisSpans.Start("read lists", 5 + query.Anchors.Count);
        var batch = database.CreateBatch();
        var personal = query.Customer is null
            ? Task.FromResult(RedisValue.Null)
            : batch.StringGetAsync(PersonalKey(query.Generation, query.Customer));
        var bought = query.Customer is null
            ? Task.FromResult(Array.Empty<RedisValue>())
            : batch.SetMembersAsync(BoughtKey(query.Customer));
        var session = query.Visitor is null
            ? Task.FromResult(Array.Empty<RedisValue>())
            : batch.SortedSetRangeByRankAsync(
                SessionKey(query.Visitor), 0, options.Value.SessionLength - 1, Order.Descending);
        var similar = query.Anchors
            .Select(product => batch.StringGetAsync(SimilarKey(query.Generation, product)))
            .ToArray();
        var popular = batch.StringGetAsync(PopularKey);
        var trending = batch.StringGetAsync(TrendingKey);
        batch.Execute();

        return new ListInputs
        {
            Personal = ListCodec.Decode(await personal),
            Bought = (await bought).Select(value => value.ToString()).ToHashSet(),
            Session = [.. (await session).Select(value => value.ToString())],
            Similar = [.. (await Task.WhenAll(similar)).Select(value => ListCodec.Decode(value))],
            Popular = ListCodec.Decode(await popular),
            Trending = ListCodec.Decode(await trending),
        };
    }

    private async Task WriteAsync(IReadOnlyCollection<(RedisKey Key, byte[] Value)> values)
    {
        using var span = RedisSpans.Start("SET", values.Count);
        await Task.WhenAll(values.Select(value => redis.GetDatabase().StringSetAsync(value.Key, value.Value)));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis cannot be read, answers are degraded: {Reason}")]
    private partial void LogAway(string reason);

    private static RedisKey PersonalKey(long generation, string customer) =>
        $"recommendation:list:{generation}:{{{customer}}}";

    private static RedisKey SimilarKey(long generation, string product) =>
        $"recommendation:similar:{generation}:{{{product}}}";

    private static RedisKey BoughtKey(string customer) => $"recommendation:bought:{{{customer}}}";

    private static RedisKey SessionKey(string visitor) => $"recommendation:session:{{{visitor}}}";
}

/// <summary>What to read for one answer.</summary>
internal sealed record ListQuery
{
    public required long Generation { get; init; }

    /// <summary>Known customer; null if anonymous.</summary>
    public required string? Customer { get; init; }

    /// <summary>Whose session; null if nobody is named.</summary>
    public required string? Visitor { get; init; }

    /// <summary>Products whose similar products are wanted.</summary>
    public required IReadOnlyList<string> Anchors { get; init; }
}

/// <summary>What was there; anything may be empty.</summary>
internal sealed record ListInputs
{
    /// <summary>Nothing known: Redis is away.</summary>
    public static ListInputs None { get; } = new()
    {
        Personal = [],
        Bought = new HashSet<string>(),
        Session = [],
        Similar = [],
        Popular = [],
        Trending = [],
    };

    public required IReadOnlyList<ListItem> Personal { get; init; }

    public required IReadOnlySet<string> Bought { get; init; }

    /// <summary>Products of the session, newest first.</summary>
    public required IReadOnlyList<string> Session { get; init; }

    /// <summary>One list for each anchor, in the same order.</summary>
    public required IReadOnlyList<IReadOnlyList<ListItem>> Similar { get; init; }

    public required IReadOnlyList<ListItem> Popular { get; init; }

    public required IReadOnlyList<ListItem> Trending { get; init; }
}

/// <summary>A visitor touched a product.</summary>
internal sealed record ProductTouch(string Visitor, string ProductId, bool Bought, DateTimeOffset At);
