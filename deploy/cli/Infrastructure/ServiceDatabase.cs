using Npgsql;

namespace Ecom.Cli.Infrastructure;

/// <summary>A schema with the one role that may use it.</summary>
internal sealed record SchemaOwner(string Schema, string Role, string Password);

/// <summary>Creates databases, roles and schemas; all of it may be there already.</summary>
internal static class ServiceDatabase
{
    /// <param name="administrator">Connection string of a role that may create databases and roles.</param>
    /// <param name="database">Created if missing.</param>
    /// <param name="owners">Created if missing; the password of an existing role is set to the one given.</param>
    /// <param name="cancellation">Leaves what has been done so far; the next call goes on.</param>
    /// <returns>Connection string of each role, in the order given.</returns>
    public static async Task<IReadOnlyList<string>> EnsureAsync(
        string administrator, string database, IReadOnlyList<SchemaOwner> owners, CancellationToken cancellation)
    {
        var settings = new NpgsqlConnectionStringBuilder(administrator) { Pooling = false };
        await using (var server = new NpgsqlConnection(settings.ConnectionString))
        {
            await server.OpenAsync(cancellation);
            if (!await ExistsAsync(server, "select 1 from pg_database where datname = $1", database, cancellation))
            {
                await RunAsync(server, $"create database {Quoted(database)} template template0", cancellation);
            }
        }

        settings.Database = database;
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellation);
        await RunAsync(
            connection,
            $"revoke all on database {Quoted(database)} from public; revoke all on schema public from public",
            cancellation);
        foreach (var owner in owners)
        {
            await EnsureAsync(connection, database, owner, cancellation);
        }

        return owners
            .Select(owner => new NpgsqlConnectionStringBuilder
            {
                Host = settings.Host,
                Port = settings.Port,
                Database = database,
                Username = owner.Role,
                Password = owner.Password,
                MaxPoolSize = 10,
            }.ConnectionString)
            .ToArray();
    }

    public static async Task DropAsync(string administrator, string database, string role)
    {
        var settings = new NpgsqlConnectionStringBuilder(administrator) { Pooling = false };
        await using var server = new NpgsqlConnection(settings.ConnectionString);
        await server.OpenAsync();
        await RunAsync(server, $"drop database if exists {Quoted(database)} with (force)", default);
        await RunAsync(server, $"drop role if exists {Quoted(role)}", default);
    }

    private static async Task EnsureAsync(
        NpgsqlConnection connection, string database, SchemaOwner owner, CancellationToken cancellation)
    {
        var role = Quoted(owner.Role);
        var schema = Quoted(owner.Schema);
        var verb = await ExistsAsync(connection, "select 1 from pg_roles where rolname = $1", owner.Role, cancellation)
            ? "alter"
            : "create";
        await RunAsync(connection, $"{verb} role {role} login password '{owner.Password}'", cancellation);

        // An administrator that is no superuser must belong to a role to give it a schema.
        await RunAsync(connection, $"grant {role} to current_user", cancellation);
        await RunAsync(connection, $"create schema if not exists {schema} authorization {role}", cancellation);
        await RunAsync(connection, $"grant connect, temporary on database {Quoted(database)} to {role}", cancellation);
        await RunAsync(
            connection, $"alter role {role} in database {Quoted(database)} set search_path = {schema}", cancellation);
    }

    private static async Task<bool> ExistsAsync(
        NpgsqlConnection connection, string query, string name, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(query, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        return await command.ExecuteScalarAsync(cancellation) is not null;
    }

    private static async Task RunAsync(NpgsqlConnection connection, string statement, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
