using StackExchange.Redis;

namespace Ecom.ServiceDefaults.Storage;

/// <summary>Tells one life of the service's data in Redis from the next.</summary>
/// <remarks>
/// An epoch is made of the run ids of the primaries, which change with every start of a server, and of a marker that
/// lies among the service's keys, which goes with them. So it changes when a server was restarted (with an append-only
/// file that is flushed every second, its last second may be missing), when a replica took over, and when the data
/// were deleted; and it never comes back. In a cluster the marker lies on one node: deleting the data of another one
/// by hand is not noticed.
/// </remarks>
/// <param name="redis">Redis.</param>
/// <param name="identity">Whose data.</param>
public sealed class RedisEpoch(IConnectionMultiplexer redis, ServiceIdentity identity)
{
    // The client lets INFO itself through for administrators only.
    private const string RunId = "return string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')";

    private const string RunIdAndMarker =
        "return { string.match(redis.call('INFO', 'server'), 'run_id:(%x+)'), redis.call('GET', KEYS[1]) }";

    private string Marker => $"{identity.Name}:marker";

    /// <summary>
    /// The epoch now, in one round trip: of each primary after what was sent to it before, if it was sent on the same
    /// connection.
    /// </summary>
    /// <exception cref="RedisException">Redis cannot be reached.</exception>
    /// <exception cref="RedisTimeoutException">Redis does not answer.</exception>
    public async Task<string> ReadAsync()
    {
        var primaries = redis.GetServers().Where(server => server.IsConnected && !server.IsReplica).ToArray();
        if (primaries.Length == 0)
        {
            throw new RedisException("No primary is connected.");
        }

        var runs = Task.WhenAll(primaries.Select(ReadRunIdAsync));
        var marker = ReadMarkerAsync();
        return $"{string.Join('+', (await runs).Order(StringComparer.Ordinal))}/{await marker}";
    }

    /// <summary>The epoch when a batch is executed, in its round trip if there is but one primary.</summary>
    /// <param name="batch">What stands in it before is answered before.</param>
    /// <returns>Null if it must be read by itself, after the batch.</returns>
    public Task<string?> ReadAsync(IBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return redis.GetServers().Count(server => !server.IsReplica) == 1
            ? AskAsync(batch.ScriptEvaluateAsync(RunIdAndMarker, [Marker]))
            : Task.FromResult<string?>(null);

        static async Task<string?> AskAsync(Task<RedisResult> asked) =>
            (RedisValue[]?)await asked is [{ IsNull: false } run, { IsNull: false } marker] ? $"{run}/{marker}" : null;
    }

    /// <summary>The epoch now; null while Redis cannot be reached.</summary>
    public async Task<string?> TryReadAsync()
    {
        try
        {
            return await ReadAsync();
        }
        catch (Exception error) when (error is RedisException or RedisTimeoutException)
        {
            return null;
        }
    }

    private static async Task<string> ReadRunIdAsync(IServer server) =>
        (string?)await server.ExecuteAsync("EVAL", RunId, 0)
            ?? throw new RedisException("INFO server names no run_id.");

    private async Task<string> ReadMarkerAsync()
    {
        var key = Marker;
        var database = redis.GetDatabase();
        if ((string?)await database.StringGetAsync(key) is { } found)
        {
            return found;
        }

        // Replicas that find none at once agree on the first one's.
        await database.StringSetAsync(key, Guid.NewGuid().ToString("N"), when: When.NotExists);
        return (string?)await database.StringGetAsync(key)
            ?? throw new RedisException("The marker vanished while it was read.");
    }
}
