using Dapper;
using Ecom.ServiceDefaults.Storage;
using Npgsql;

namespace Ecom.ServiceDefaults.Jobs;

/// <summary>Rows that let one replica do a job and another take over when it dies: table <c>leases</c>.</summary>
public sealed class Leases(NpgsqlDataSource database, ServiceIdentity identity)
{
    /// <summary>Takes the lease if it is free or its holder let it expire. The database's clock decides.</summary>
    /// <returns>Null when another replica holds it.</returns>
    public async Task<Lease?> TryAcquireAsync(string name, TimeSpan duration, CancellationToken cancellation) =>
        await TryHoldAsync(name, duration, cancellation) ? new Lease(this, name, duration) : null;

    internal async Task<bool> TryHoldAsync(string name, TimeSpan duration, CancellationToken cancellation)
    {
        const string Sql = """
            insert into leases (name, owner, expires_at)
            values (@name, @Owner, now() + @duration)
            on conflict (name) do update
            set owner = excluded.owner, expires_at = excluded.expires_at
            where leases.owner = excluded.owner or leases.expires_at < now()
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        try
        {
            return await connection.ExecuteAsync(new CommandDefinition(
                Sql, new { name, Owner = identity.Instance, duration }, cancellationToken: cancellation)) == 1;
        }
        catch (PostgresException error) when (PostgresFault.IsReadOnly(error))
        {
            // A session keeps the setting that it began with: the next ones begin anew.
            database.Clear();
            throw;
        }
    }

    internal async Task ReleaseAsync(string name)
    {
        await using var connection = await database.OpenConnectionAsync();
        await connection.ExecuteAsync(
            "delete from leases where name = @name and owner = @Owner", new { name, Owner = identity.Instance });
    }
}
