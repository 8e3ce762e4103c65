using Dapper;
using Npgsql;

namespace Ecom.ServiceDefaults.Storage;

/// <summary>Drops old partitions of a table that is partitioned by time.</summary>
public static class Partitions
{
    private const int PatienceSeconds = 300;

    /// <summary>
    /// Drops tables named <c>parent_suffix</c>, oldest name first. Each is detached concurrently before, so that
    /// neither readers nor writers of the parent wait; what was cut off halfway is ended by the next call.
    /// </summary>
    /// <param name="database">The service's database; the tables lie in its own schema.</param>
    /// <param name="parent">The partitioned table, in lower case.</param>
    /// <param name="isDue">Whether the table with this suffix goes.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    /// <returns>The names of the tables dropped.</returns>
    public static async Task<IReadOnlyList<string>> DropAsync(
        NpgsqlDataSource database, string parent, Func<string, bool> isDue, CancellationToken cancellation)
    {
        const string Sql = """
            select c.relname as name, i.inhrelid is not null as is_attached,
                coalesce(i.inhdetachpending, false) as is_detaching
            from pg_class c
            left join pg_inherits i on i.inhrelid = c.oid
            where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'
                and starts_with(c.relname, @Prefix)
            order by c.relname
            """;

        var prefix = parent + "_";
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var tables = (await connection.QueryAsync<Table>(
            new CommandDefinition(Sql, new { Prefix = prefix }, cancellationToken: cancellation))).AsList();
        var due = tables.Where(table => isDue(table.Name[prefix.Length..])).ToArray();

        // The names come from the catalogue and are digits behind the parent's name; they cannot be parameters.
        Task<int> Run(string sql) => connection.ExecuteAsync(
            new CommandDefinition(sql, commandTimeout: PatienceSeconds, cancellationToken: cancellation));
        foreach (var table in due)
        {
            if (table.IsAttached)
            {
                var how = table.IsDetaching ? "finalize" : "concurrently";
                await Run($"alter table {parent} detach partition \"{table.Name}\" {how}");
            }

            await Run($"drop table \"{table.Name}\"");
        }

        return [.. due.Select(table => table.Name)];
    }

    private sealed record Table
    {
        public required string Name { get; init; }

        public required bool IsAttached { get; init; }

        public required bool IsDetaching { get; init; }
    }
}
