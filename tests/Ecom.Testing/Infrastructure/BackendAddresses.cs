using System.Net.Sockets;
using Ecom.Cli.Infrastructure;
using Testcontainers.PostgreSql;
using Testcontainers.RabbitMq;
using Testcontainers.Redis;

namespace Ecom.Testing.Infrastructure;

/// <summary>Finds or starts the servers of a test run, once a process.</summary>
internal static class BackendAddresses
{
    private const string DefaultDockerSocket = "/var/run/docker.sock";
    private const int ManagementPort = 15672;

    private static readonly Lazy<Task<InfrastructureAddresses>> _found = new(FindAsync);

    /// <summary>In this order: given in the environment; a Docker engine's containers; private instances.</summary>
    public static Task<InfrastructureAddresses> GetAsync() => _found.Value;

    private static async Task<InfrastructureAddresses> FindAsync()
    {
        if (FromEnvironment() is { } given)
        {
            return given;
        }

        if (await DockerAnswersAsync())
        {
            return await FromContainersAsync();
        }

        var instance = new InstanceDirectory(Repository.TestInstance);
        return await new PrivateInfrastructure(instance, forTests: true).StartAsync(
            new GivenAddresses(), _ => { }, default);
    }

    private static InfrastructureAddresses? FromEnvironment()
    {
        var postgres = Environment.GetEnvironmentVariable("ECOM_TEST_POSTGRES");
        var redis = Environment.GetEnvironmentVariable("ECOM_TEST_REDIS");
        var rabbitMq = Environment.GetEnvironmentVariable("ECOM_TEST_RABBITMQ");
        var management = Environment.GetEnvironmentVariable("ECOM_TEST_RABBITMQ_MANAGEMENT");
        string?[] all = [postgres, redis, rabbitMq, management];
        if (all.All(string.IsNullOrEmpty))
        {
            return null;
        }

        if (all.Any(string.IsNullOrEmpty))
        {
            throw new SetupException(
                "Give all or none of ECOM_TEST_POSTGRES, _REDIS, _RABBITMQ and _RABBITMQ_MANAGEMENT.");
        }

        return new InfrastructureAddresses
        {
            Postgres = postgres!,
            Redis = redis!,
            RabbitMq = new Uri(rabbitMq!),
            RabbitMqManagement = new Uri(management!),
        };
    }

    private static async Task<bool> DockerAnswersAsync()
    {
        var host = Environment.GetEnvironmentVariable("DOCKER_HOST");
        if (!string.IsNullOrEmpty(host) && !host.StartsWith("unix://", StringComparison.Ordinal))
        {
            return true;
        }

        var path = string.IsNullOrEmpty(host) ? DefaultDockerSocket : host["unix://".Length..];
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // Testcontainers' own clean-up container removes these after the run.
    private static async Task<InfrastructureAddresses> FromContainersAsync()
    {
        const string User = "ecom";
        var password = Guid.NewGuid().ToString("n");
        var postgres = new PostgreSqlBuilder("postgres:15").WithPassword(password).Build();
        var redis = new RedisBuilder("redis:7.0").WithCommand("redis-server", "--databases", "512").Build();
        var rabbitMq = new RabbitMqBuilder("rabbitmq:3.11-management")
            .WithUsername(User).WithPassword(password)
            .WithPortBinding(ManagementPort, assignRandomHostPort: true)
            .Build();
        await Task.WhenAll(postgres.StartAsync(), redis.StartAsync(), rabbitMq.StartAsync());
        return new InfrastructureAddresses
        {
            Postgres = postgres.GetConnectionString(),
            Redis = redis.GetConnectionString(),
            RabbitMq = new Uri(rabbitMq.GetConnectionString()),
            RabbitMqManagement = new Uri(
                $"http://{User}:{password}@{rabbitMq.Hostname}:{rabbitMq.GetMappedPublicPort(ManagementPort)}"),
        };
    }
}
