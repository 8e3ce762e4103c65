using System.Diagnostics;

namespace Ecom.Cli.Infrastructure;

/// <summary>The three servers as containers of a Docker engine; their data is in volumes.</summary>
/// <remarks>A container is made anew whenever it does not run, so that a port may move; its volume stays.</remarks>
internal sealed class DockerInfrastructure(InstanceDirectory instance)
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(300);

    private readonly PostgresServer _postgres = new(instance, durable: true);
    private readonly RedisServer _redis = new(instance, durable: true);
    private readonly RabbitMqServer _rabbitMq = new(instance, management: false);

    public static async Task<bool> AnswersAsync(CancellationToken cancellation) =>
        File.Exists("/usr/bin/docker") || File.Exists("/usr/local/bin/docker")
            ? (await ExternalCommand.TryRunAsync("docker", ["version"], cancellation)).ExitCode == 0
            : false;

    /// <exception cref="SetupException">No engine answers, or a container does not start.</exception>
    public async Task<InfrastructureAddresses> StartAsync(
        GivenAddresses given, Action<string> report, CancellationToken cancellation)
    {
        if (!await AnswersAsync(cancellation))
        {
            throw new SetupException("No Docker engine answers. Start one, or leave --docker out: "
                + "then the servers come from the distribution's packages.");
        }

        var wanted = Containers().Where(container => given.Absent.Contains(container.Server)).ToArray();
        foreach (var container in wanted)
        {
            await StartAsync(container, cancellation);
        }

        instance.SaveState();
        await Task.WhenAll(wanted.Select(container => WaitAsync(container, report, cancellation)));
        return new InfrastructureAddresses
        {
            Postgres = given.Postgres ?? _postgres.ConnectionString,
            Redis = given.Redis ?? _redis.Configuration,
            RabbitMq = given.RabbitMq ?? _rabbitMq.Address,
        };
    }

    /// <summary>
    /// Removes the containers, and with <paramref name="purge"/> their data. Nothing to do without an engine.
    /// </summary>
    public async Task StopAsync(bool purge, CancellationToken cancellation)
    {
        if (!await AnswersAsync(cancellation))
        {
            return;
        }

        var names = Containers().Select(container => NameOf(container.Server)).ToArray();
        foreach (var name in names)
        {
            // Stopped first: a container that is removed at once has no time to write its data.
            _ = await ExternalCommand.TryRunAsync("docker", ["stop", name], cancellation);
            _ = await ExternalCommand.TryRunAsync("docker", ["rm", "-f", name], cancellation);
        }

        if (purge)
        {
            _ = await ExternalCommand.TryRunAsync("docker", ["volume", "rm", "-f", .. names], cancellation);
        }
    }

    private IEnumerable<Container> Containers() =>
    [
        new Container
        {
            Server = PostgresServer.Name,
            Image = "postgres:15",
            Port = 5432,
            DataPath = "/var/lib/postgresql/data",
            Environment = new() { ["POSTGRES_PASSWORD"] = instance.Secret(PostgresServer.Name) },
            Arguments =
            [
                "-c", "shared_buffers=256MB", "-c", "max_connections=120", "-c", "max_locks_per_transaction=512",
            ],
            Answers = _postgres.AnswersAsync,
        },
        new Container
        {
            Server = RedisServer.Name,
            Image = "redis:7",
            Port = 6379,
            DataPath = "/data",
            Environment = [],
            Arguments =
            [
                "redis-server", "--requirepass", instance.Secret(RedisServer.Name),
                "--appendonly", "yes", "--maxmemory-policy", "noeviction",
                "--auto-aof-rewrite-percentage", "200", "--rdbcompression", "no",
            ],
            Answers = _ => _redis.AnswersAsync(),
        },
        new Container
        {
            Server = RabbitMqServer.Name,
            Image = "rabbitmq:3.13-management",
            Port = 5672,
            DataPath = "/var/lib/rabbitmq",
            Environment = new()
            {
                ["RABBITMQ_DEFAULT_USER"] = RabbitMqServer.User,
                ["RABBITMQ_DEFAULT_PASS"] = instance.Secret(RabbitMqServer.Name),
                ["RABBITMQ_DEFAULT_VHOST"] = RabbitMqServer.VirtualHost,
            },
            Arguments = [],
            Answers = _rabbitMq.AnswersAsync,
        },
    ];

    private async Task StartAsync(Container container, CancellationToken cancellation)
    {
        var name = NameOf(container.Server);
        if (await RunsAsync(name, cancellation))
        {
            return;
        }

        _ = await ExternalCommand.TryRunAsync("docker", ["rm", "-f", name], cancellation);
        var port = await instance.Ports.ForAsync(container.Server, cancellation);
        var start = new ProcessStartInfo("docker",
        [
            // RabbitMQ keeps its data below its host's name.
            "run", "--detach", "--name", name, "--hostname", container.Server,
            "--volume", $"{name}:{container.DataPath}", "--publish", $"127.0.0.1:{port}:{container.Port}",
            .. container.Environment.Keys.SelectMany(key => new[] { "--env", key }),
            container.Image, .. container.Arguments,
        ]);
        foreach (var (key, value) in container.Environment)
        {
            start.Environment[key] = value;
        }

        var result = await ExternalCommand.TryRunAsync(start, _ => { }, cancellation);
        if (result.ExitCode != 0)
        {
            throw new SetupException(
                $"The container {name} does not start:\n{ExternalCommand.Tail(result.Output)}");
        }
    }

    private async Task WaitAsync(Container container, Action<string> report, CancellationToken cancellation)
    {
        var name = NameOf(container.Server);
        for (var waited = TimeSpan.Zero; !await container.Answers(cancellation); waited += _poll)
        {
            if (waited > _patience || !await RunsAsync(name, cancellation))
            {
                var log = await ExternalCommand.TryRunAsync("docker", ["logs", "--tail", "15", name], cancellation);
                throw new SetupException($"{name} does not answer. Its last lines:\n{log.Output}");
            }

            await Task.Delay(_poll, cancellation);
        }

        report($"{container.Server} answers on port {instance.Ports.Known(container.Server)} (container {name})");
    }

    private static async Task<bool> RunsAsync(string name, CancellationToken cancellation)
    {
        var state = await ExternalCommand.TryRunAsync(
            "docker", ["inspect", "--format", "{{.State.Running}}", name], cancellation);
        return state.ExitCode == 0 && state.Output.Trim() == "true";
    }

    private string NameOf(string server) => $"ecom-{instance.Hash}-{server}";

    private sealed record Container
    {
        public required string Server { get; init; }

        public required string Image { get; init; }

        public required int Port { get; init; }

        public required string DataPath { get; init; }

        public required Dictionary<string, string> Environment { get; init; }

        public required IReadOnlyList<string> Arguments { get; init; }

        public required Func<CancellationToken, Task<bool>> Answers { get; init; }
    }
}
