using Ecom.Cli.Infrastructure;
using Npgsql;

namespace Ecom.Testing.Infrastructure;

/// <summary>A PostgreSQL server of one test, for tests of what happens while it is away or set otherwise.</summary>
/// <remarks>It keeps address and data over <see cref="StopAsync"/> and <see cref="StartAsync"/>.</remarks>
public sealed class OwnPostgres : IAsyncDisposable
{
    private readonly InstanceDirectory _instance;
    private readonly PostgresServer _server;

    internal OwnPostgres(string directory)
    {
        _instance = new InstanceDirectory(directory);
        _server = new PostgresServer(_instance, durable: false);
    }

    /// <summary>Starts the server and waits until it answers; the first time some seconds.</summary>
    public async Task StartAsync()
    {
        await DebianPackages.EnsureAsync([PostgresServer.Name], _ => { }, default);
        if (_instance.Assigned.Count == 0)
        {
            _ = await _instance.Ports.ForAsync(PostgresServer.Name, default);
        }

        await _server.StartAsync(default);
    }

    /// <summary>Stops the server; connections break, and new ones are refused.</summary>
    public Task StopAsync() => _server.StopAsync(default);

    /// <summary>A fresh database with the schema and the role of one service.</summary>
    public async Task<TestDatabase> CreateDatabaseAsync(string schema)
    {
        var owner = new SchemaOwner(schema, $"ecom_{schema}", Guid.NewGuid().ToString("n"));
        var strings = await ServiceDatabase.EnsureAsync(_server.ConnectionString, "ecom", [owner], default);
        var administrator = new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Database = "ecom" };
        return new TestDatabase(strings[0], administrator.ConnectionString, schema);
    }

    /// <summary>Runs one statement as superuser, in no transaction.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_server.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Stops the server and deletes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        ServerAccount.Purge(_instance, PostgresServer.Name);
        Directory.Delete(_instance.Root, recursive: true);
    }
}
