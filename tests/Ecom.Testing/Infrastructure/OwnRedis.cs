using Ecom.Cli.Infrastructure;

namespace Ecom.Testing.Infrastructure;

/// <summary>A Redis server of one test, for tests of what happens when Redis dies or loses its data.</summary>
/// <remarks>It keeps its address, and its append-only file unless <see cref="DeleteFiles"/> is called.</remarks>
public sealed class OwnRedis : IAsyncDisposable
{
    private const int Kill = 9;

    private readonly InstanceDirectory _instance;
    private readonly RedisServer _server;

    internal OwnRedis(string directory)
    {
        _instance = new InstanceDirectory(directory);
        _server = new RedisServer(_instance, durable: true);
    }

    /// <summary>StackExchange.Redis configuration.</summary>
    public string Configuration => _server.Configuration;

    /// <summary>Starts the server and waits until it answers.</summary>
    public async Task StartAsync()
    {
        await DebianPackages.EnsureAsync([RedisServer.Name], _ => { }, default);
        if (_instance.Assigned.Count == 0)
        {
            _ = await _instance.Ports.ForAsync(RedisServer.Name, default);
        }

        await _server.StartAsync(default);
    }

    /// <summary>Stops the server gracefully: everything is on disk.</summary>
    public Task StopAsync() => _server.StopAsync(default);

    /// <summary>Kills the server (−9): what was not yet flushed to the append-only file is gone.</summary>
    public Task KillAsync() =>
        _instance.Processes.StopAsync(RedisServer.Name, Kill, TimeSpan.FromSeconds(20), default);

    /// <summary>Deletes the data of the stopped server, as a lost disk does.</summary>
    public void DeleteFiles() => ServerAccount.Purge(_instance, RedisServer.Name);

    /// <summary>Stops the server and deletes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        DeleteFiles();
        Directory.Delete(_instance.Root, recursive: true);
    }
}
