using System.Globalization;
using StackExchange.Redis;

namespace Ecom.Cli.Bench.Fraud;

/// <summary>
/// How often Redis had to read from its clients: what is sent together, as a pipeline, is read at once.
/// </summary>
internal sealed class RedisReads : IDisposable
{
    private readonly ConnectionMultiplexer _redis;
    private readonly IServer _server;

    private RedisReads(ConnectionMultiplexer redis) => (_redis, _server) = (redis, redis.GetServers()[0]);

    public static async Task<RedisReads> OpenAsync(string configuration)
    {
        var options = ConfigurationOptions.Parse(configuration);
        options.AllowAdmin = true;
        return new RedisReads(await ConnectionMultiplexer.ConnectAsync(options));
    }

    /// <summary>Reads, and commands, since Redis started.</summary>
    public async Task<(long Reads, long Commands)> CountAsync()
    {
        var values = (await _server.InfoAsync("stats")).SelectMany(section => section)
            .ToDictionary(pair => pair.Key, pair => pair.Value);
        return (Number("total_reads_processed"), Number("total_commands_processed"));

        long Number(string name) => long.Parse(values[name], CultureInfo.InvariantCulture);
    }

    public void Dispose() => _redis.Dispose();
}
