using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Ecom.Cli.Infrastructure;
using StackExchange.Redis;
using Xunit;

namespace Ecom.Testing.Infrastructure;

/// <summary>A PostgreSQL database for one service of one test class.</summary>
/// <param name="ConnectionString">Of the role that owns the schema and nothing else, as in production.</param>
/// <param name="AdministratorConnectionString">Of a superuser, in the same database.</param>
/// <param name="Schema">The service's schema, empty; it is the role's search path.</param>
public sealed record TestDatabase(string ConnectionString, string AdministratorConnectionString, string Schema);

/// <summary>
/// Real PostgreSQL, Redis and RabbitMQ for a test class (<c>IClassFixture&lt;Backends&gt;</c>). What a class creates
/// here is its own, and is removed when the class is done. Without a server the tests fail; none is skipped.
/// </summary>
/// <remarks>
/// Servers are taken in this order: addresses in <c>ECOM_TEST_POSTGRES</c>, <c>ECOM_TEST_REDIS</c>,
/// <c>ECOM_TEST_RABBITMQ</c> and <c>ECOM_TEST_RABBITMQ_MANAGEMENT</c> (set by <c>./ecom test</c>); a Docker engine
/// through Testcontainers; private instances in <c>.local/test</c>, which keep running for the next run until
/// <c>./ecom down</c>.
/// </remarks>
public sealed class Backends : IAsyncLifetime
{
    private const string RedisCounter = "ecom:test:databases";

    private readonly List<(string Database, string Role)> _databases = [];
    private readonly List<string> _virtualHosts = [];
    private readonly List<OwnBroker> _brokers = [];
    private readonly List<OwnPostgres> _servers = [];
    private readonly List<OwnRedis> _redis = [];
    private InfrastructureAddresses? _addresses;

    private InfrastructureAddresses Addresses =>
        _addresses ?? throw new InvalidOperationException("InitializeAsync has not run.");

    /// <summary>Connection string of a PostgreSQL superuser.</summary>
    public string PostgresAdministrator => Addresses.Postgres;

    /// <inheritdoc />
    public async Task InitializeAsync() => _addresses = await BackendAddresses.GetAsync();

    /// <summary>A fresh database with the schema and the role of one service.</summary>
    /// <param name="schema">For example <c>feature_store</c>.</param>
    public async Task<TestDatabase> CreateDatabaseAsync(string schema)
    {
        var suffix = NewSuffix();
        var database = $"test_{schema}_{suffix}";
        var owner = new SchemaOwner(schema, $"{database}_owner", Guid.NewGuid().ToString("n"));
        _databases.Add((database, owner.Role));
        var strings = await ServiceDatabase.EnsureAsync(Addresses.Postgres, database, [owner], default);
        var administrator = new Npgsql.NpgsqlConnectionStringBuilder(Addresses.Postgres) { Database = database };
        return new TestDatabase(strings[0], administrator.ConnectionString, schema);
    }

    /// <summary>StackExchange.Redis configuration with an empty database of its own as the default one.</summary>
    public async Task<string> CreateRedisDatabaseAsync()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(Addresses.Redis + ",allowAdmin=true");
        var server = connection.GetServers()[0];
        var count = int.Parse((await server.ConfigGetAsync("databases"))[0].Value, CultureInfo.InvariantCulture);
        var ticket = await connection.GetDatabase(0).StringIncrementAsync(RedisCounter);
        var number = (int)(1 + (ticket % (count - 1)));
        await server.FlushDatabaseAsync(number);
        return $"{Addresses.Redis},defaultDatabase={number}";
    }

    /// <summary>Address of an empty RabbitMQ virtual host.</summary>
    /// <returns><c>amqp://user:password@host:port/vhost</c></returns>
    public async Task<Uri> CreateVirtualHostAsync()
    {
        var name = "test-" + NewSuffix();
        _virtualHosts.Add(name);
        using var client = ManagementClient();
        var user = Uri.UnescapeDataString(Addresses.RabbitMq.UserInfo.Split(':')[0]);
        using var created = await client.PutAsync($"api/vhosts/{name}", content: null);
        created.EnsureSuccessStatusCode();
        using var granted = await client.PutAsJsonAsync(
            $"api/permissions/{name}/{user}", new { configure = ".*", write = ".*", read = ".*" });
        granted.EnsureSuccessStatusCode();
        return new UriBuilder(Addresses.RabbitMq) { Path = name }.Uri;
    }

    /// <summary>A broker that only this class uses, and that it may stop and start.</summary>
    public async Task<OwnBroker> StartOwnBrokerAsync()
    {
        var broker = new OwnBroker(Path.Combine(Repository.OwnTestInstances, NewSuffix()));
        _brokers.Add(broker);
        await broker.StartAsync();
        return broker;
    }

    /// <summary>A PostgreSQL server that only this class uses, and that it may stop, start and set.</summary>
    public async Task<OwnPostgres> StartOwnPostgresAsync()
    {
        var postgres = new OwnPostgres(Path.Combine(Repository.OwnTestInstances, NewSuffix()));
        _servers.Add(postgres);
        await postgres.StartAsync();
        return postgres;
    }

    /// <summary>A Redis that only this class uses, and that it may kill, empty and start.</summary>
    public async Task<OwnRedis> StartOwnRedisAsync()
    {
        var redis = new OwnRedis(Path.Combine(Repository.OwnTestInstances, NewSuffix()));
        _redis.Add(redis);
        await redis.StartAsync();
        return redis;
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        foreach (var (database, role) in _databases)
        {
            await ServiceDatabase.DropAsync(Addresses.Postgres, database, role);
        }

        foreach (var postgres in _servers)
        {
            await postgres.DisposeAsync();
        }

        foreach (var broker in _brokers)
        {
            await broker.DisposeAsync();
        }

        foreach (var redis in _redis)
        {
            await redis.DisposeAsync();
        }

        if (_virtualHosts.Count > 0)
        {
            using var client = ManagementClient();
            foreach (var name in _virtualHosts)
            {
                using var deleted = await client.DeleteAsync($"api/vhosts/{name}");
            }
        }
    }

    private HttpClient ManagementClient()
    {
        var address = Addresses.RabbitMqManagement
            ?? throw new InvalidOperationException("The broker's management interface is off.");
        var user = Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(address.UserInfo)));
        return new HttpClient
        {
            BaseAddress = new UriBuilder(address) { UserName = "", Password = "" }.Uri,
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Basic", user) },
        };
    }

    private static string NewSuffix() => Guid.NewGuid().ToString("n")[..12];
}
