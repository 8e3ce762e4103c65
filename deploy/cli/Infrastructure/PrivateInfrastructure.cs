namespace Ecom.Cli.Infrastructure;

/// <summary>Where the three servers are, for whoever may administer them.</summary>
internal sealed record InfrastructureAddresses
{
    /// <summary>Npgsql connection string of a role that may create databases and roles.</summary>
    public required string Postgres { get; init; }

    /// <summary>StackExchange.Redis configuration.</summary>
    public required string Redis { get; init; }

    /// <summary><c>amqp://user:password@host:port/vhost</c>.</summary>
    public required Uri RabbitMq { get; init; }

    /// <summary>The broker's management interface, with user and password; null where it is off.</summary>
    public Uri? RabbitMqManagement { get; init; }
}

/// <summary>PostgreSQL, Redis and RabbitMQ from the distribution's packages, private to one folder.</summary>
/// <param name="instance">Holds data, logs, secrets and ports.</param>
/// <param name="forTests">True: faster instead of durable, many Redis databases, broker with management.</param>
internal sealed class PrivateInfrastructure(InstanceDirectory instance, bool forTests)
{
    public static readonly IReadOnlyList<string> Processes =
        [PostgresServer.Name, RedisServer.Name, RabbitMqServer.Name, RabbitMqServer.PortMapper];

    private const string LockName = "infrastructure";

    private readonly PostgresServer _postgres = new(instance, durable: !forTests);
    private readonly RedisServer _redis = new(instance, durable: !forTests);
    private readonly RabbitMqServer _rabbitMq = new(instance, management: forTests);

    /// <summary>Starts what is not running and waits until all answer. Installs packages where permitted.</summary>
    /// <param name="given">Servers that are somewhere else; none is started in their place.</param>
    /// <param name="report">Told about each step.</param>
    /// <param name="cancellation">Leaves what has been started.</param>
    /// <exception cref="SetupException">A package is missing or a server does not start; says what to do.</exception>
    public async Task<InfrastructureAddresses> StartAsync(
        GivenAddresses given, Action<string> report, CancellationToken cancellation)
    {
        var wanted = given.Absent;
        await DebianPackages.EnsureAsync(wanted, report, cancellation);
        using var alone = await instance.LockAsync(LockName, report, cancellation);
        await TakePortsAsync(wanted, cancellation);
        await Task.WhenAll(wanted.Select(StartAsync));
        return new InfrastructureAddresses
        {
            Postgres = given.Postgres ?? _postgres.ConnectionString,
            Redis = given.Redis ?? _redis.Configuration,
            RabbitMq = given.RabbitMq ?? _rabbitMq.Address,
            RabbitMqManagement = given.RabbitMq is null ? _rabbitMq.ManagementAddress : null,
        };

        async Task StartAsync(string server)
        {
            await (server switch
            {
                PostgresServer.Name => _postgres.StartAsync(cancellation),
                RedisServer.Name => _redis.StartAsync(cancellation),
                _ => _rabbitMq.StartAsync(cancellation),
            });
            report($"{server} answers on port {instance.Ports.Known(server)}");
        }
    }

    public async Task StopAsync(Action<string> report, CancellationToken cancellation)
    {
        using var alone = await instance.LockAsync(LockName, report, cancellation);
        await Task.WhenAll(
            _postgres.StopAsync(cancellation), _redis.StopAsync(cancellation), _rabbitMq.StopAsync(cancellation));
    }

    /// <summary>Deletes all data. The servers must be stopped.</summary>
    public void Purge()
    {
        foreach (var server in new[] { PostgresServer.Name, RedisServer.Name, RabbitMqServer.Name })
        {
            ServerAccount.Purge(instance, server);
        }
    }

    // A port can only move while its server is down; one that runs keeps what it has.
    private async Task TakePortsAsync(IEnumerable<string> wanted, CancellationToken cancellation)
    {
        foreach (var server in wanted.Where(server => instance.Processes.Find(server) is null))
        {
            if (server == RabbitMqServer.Name)
            {
                await _rabbitMq.TakePortsAsync(cancellation);
            }
            else
            {
                _ = await instance.Ports.ForAsync(server, cancellation);
            }
        }

        instance.SaveState();
    }
}
