using StackExchange.Redis;

namespace Ecom.Cli.Infrastructure;

/// <summary>A Redis server of the instance's own.</summary>
/// <param name="instance">Where it lives.</param>
/// <param name="durable">False for tests: nothing is written to disk, and there are 512 databases.</param>
internal sealed class RedisServer(InstanceDirectory instance, bool durable)
{
    public const string Name = "redis";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);
    private readonly ServerAccount _account = new("redis");

    /// <summary>StackExchange.Redis configuration.</summary>
    public string Configuration => $"127.0.0.1:{instance.Ports.Known(Name)},password={instance.Secret(Name)}";

    public async Task StartAsync(CancellationToken cancellation)
    {
        if (instance.Processes.Find(Name) is null)
        {
            await LaunchAsync(cancellation);
        }

        await ServerStart.WaitAsync(instance, Name, _ => AnswersAsync(), () => LaunchAsync(cancellation), cancellation);
    }

    public Task StopAsync(CancellationToken cancellation) =>
        instance.Processes.StopAsync(Name, OwnProcesses.Terminate, _patience, cancellation);

    private async Task LaunchAsync(CancellationToken cancellation)
    {
        var folder = await _account.FolderAsync(instance, Name, cancellation);
        var configuration = Path.Combine(folder, "redis.conf");
        instance.WritePrivate(Path.Combine(Name, "redis.conf"), Settings(folder));
        await _account.OwnAsync(configuration, cancellation);
        instance.Processes.Start(new DetachedStart
        {
            Name = Name,
            Command = _account.Command(DebianPackages.RedisProgram, configuration),
            LogPath = instance.LogOf(Name),
            WorkingDirectory = folder,
            Environment = new Dictionary<string, string>(),
        });
    }

    /// <summary>Whether a client gets in.</summary>
    public async Task<bool> AnswersAsync()
    {
        try
        {
            var quickly = Configuration + ",connectTimeout=2000";
            await using var connection = await ConnectionMultiplexer.ConnectAsync(quickly);
            await connection.GetDatabase().PingAsync();
            return true;
        }
        catch (Exception absent) when (absent is RedisException or TimeoutException)
        {
            return false;
        }
    }

    private string Settings(string folder) => $"""
        bind 127.0.0.1
        port {instance.Ports.Known(Name)}
        protected-mode yes
        requirepass {instance.Secret(Name)}
        dir "{folder}"
        daemonize no
        # The title would be written over the environment, by which the process is found.
        set-proc-title no
        appendonly {(durable ? "yes" : "no")}
        appendfsync everysec
        # Writing the file anew takes a core for seconds: seldom, and without packing it.
        auto-aof-rewrite-percentage 200
        rdbcompression no
        save ""
        maxmemory-policy noeviction
        databases {(durable ? 16 : 512)}

        """;
}
