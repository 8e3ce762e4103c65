using Ecom.Cli.Infrastructure;
using StackExchange.Redis;

namespace Ecom.Cli.Evaluate.Fraud;

/// <summary>A private Redis for the time of one evaluation: nothing is left of it.</summary>
internal sealed class TransientRedis : IAsyncDisposable
{
    private readonly InstanceDirectory _instance;
    private readonly RedisServer _server;

    private TransientRedis(InstanceDirectory instance, RedisServer server, ConnectionMultiplexer connection) =>
        (_instance, _server, Connection) = (instance, server, connection);

    public ConnectionMultiplexer Connection { get; }

    /// <summary>Starts one, installing the package where permitted.</summary>
    /// <exception cref="SetupException">It does not start; says what to do.</exception>
    public static async Task<TransientRedis> StartAsync(Action<string> report, CancellationToken cancellation)
    {
        await DebianPackages.EnsureAsync([RedisServer.Name], report, cancellation);
        var name = $"evaluate-{Environment.ProcessId}";
        var instance = new InstanceDirectory(Path.Combine(Repository.Root, ".local", name));
        _ = await instance.Ports.ForAsync(RedisServer.Name, cancellation);
        instance.SaveState();
        var server = new RedisServer(instance, durable: false);
        await server.StartAsync(cancellation);
        var connection = await ConnectionMultiplexer.ConnectAsync(
            server.Configuration + ",asyncTimeout=60000,allowAdmin=true");
        return new TransientRedis(instance, server, connection);
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        await _server.StopAsync(CancellationToken.None);
        ServerAccount.Purge(_instance, RedisServer.Name);
        Directory.Delete(_instance.Root, recursive: true);
    }
}
