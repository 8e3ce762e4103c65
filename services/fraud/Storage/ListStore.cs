using Dapper;
using Ecom.Fraud.Lists;
using Ecom.Fraud.Rules;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Lists and what is on them.</summary>
internal sealed class ListStore(NpgsqlDataSource database, RuleChanges changes, TimeProvider clock)
{
    /// <summary>How many entries may count at once, over all lists: every replica holds them in memory.</summary>
    public const int MostEntries = 200_000;

    private const string EntryColumns = "position, list, value, reason, author, added_at, expires_at";

    /// <summary>All lists by name.</summary>
    public async Task<IReadOnlyList<EntityList>> ListAsync(CancellationToken cancellation)
    {
        const string Sql = """
            select name, entity, action, description, author, created_at,
                (select count(*) from list_entries
                 where list = name and (expires_at is null or expires_at > @Now)) as entries
            from lists
            order by name
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return [.. await connection.QueryAsync<EntityList>(new CommandDefinition(
            Sql, new { Now = clock.GetUtcNow().UtcDateTime }, cancellationToken: cancellation))];
    }

    /// <summary>One list; null if there is none.</summary>
    public async Task<EntityList?> FindAsync(string name, CancellationToken cancellation) =>
        (await ListAsync(cancellation)).FirstOrDefault(list => list.Name == name);

    /// <summary>Makes a list.</summary>
    /// <returns>False if there is one of the name.</returns>
    public Task<bool> CreateAsync(EntityList list, CancellationToken cancellation) => changes.RunAsync(
        async (connection, now) =>
        {
            const string Sql = """
                insert into lists (name, entity, action, description, author, created_at)
                values (@Name, @Entity, @Action, @Description, @Author, @now)
                on conflict do nothing
                """;

            var isNew = await connection.ExecuteAsync(new CommandDefinition(
                Sql,
                new { list.Name, list.Entity, Action = list.Action?.ToString(), list.Description, list.Author, now },
                cancellationToken: cancellation)) == 1;
            if (isNew)
            {
                await RuleChanges.NoteAsync(
                    connection, ("list", list.Name, null), ("created", list.Author, now), cancellation);
            }

            return isNew;
        },
        cancellation);

    /// <summary>Puts a value on a list; one that is there gets the new reason and expiry.</summary>
    public Task<ChangeResult<ListEntry>> AddAsync(
        string list, ListEntry entry, CancellationToken cancellation) => changes.RunAsync(
        async (connection, now) =>
        {
            const string Count = "select count(*) from list_entries where expires_at is null or expires_at > @now";
            const string Sql = $"""
                insert into list_entries (list, value, reason, author, added_at, expires_at)
                select name, @Value, @Reason, @Author, @now, @ExpiresAt from lists where name = @list
                on conflict (list, value) do update
                set reason = excluded.reason,
                    author = excluded.author,
                    added_at = excluded.added_at,
                    expires_at = excluded.expires_at
                returning {EntryColumns}
                """;

            var live = await connection.ExecuteScalarAsync<long>(new CommandDefinition(
                Count, new { now }, cancellationToken: cancellation));
            if (live >= MostEntries)
            {
                return new ChangeResult<ListEntry>(null, $"{live} entries are on lists, which is the most.");
            }

            var added = await connection.QuerySingleOrDefaultAsync<ListEntry>(new CommandDefinition(
                Sql,
                new { list, entry.Value, entry.Reason, entry.Author, now, ExpiresAt = entry.ExpiresAt?.UtcDateTime },
                cancellationToken: cancellation));
            if (added is not null)
            {
                await RuleChanges.NoteAsync(
                    connection, ("list", list, null), ("added", entry.Author, now), cancellation);
            }

            return new ChangeResult<ListEntry>(added);
        },
        cancellation);

    /// <summary>Takes an entry off a list.</summary>
    /// <returns>False if it is not there.</returns>
    public Task<bool> RemoveAsync(string list, long position, string by, CancellationToken cancellation) =>
        changes.RunAsync(
            async (connection, now) =>
            {
                const string Sql = "delete from list_entries where list = @list and position = @position";

                var isGone = await connection.ExecuteAsync(new CommandDefinition(
                    Sql, new { list, position }, cancellationToken: cancellation)) == 1;
                if (isGone)
                {
                    await RuleChanges.NoteAsync(
                        connection, ("list", list, null), ("removed", by, now), cancellation);
                }

                return isGone;
            },
            cancellation);

    /// <summary>Entries of a list in the order of their positions, expired ones too.</summary>
    public async Task<IReadOnlyList<ListEntry>> PageAsync(
        string list, long after, int limit, CancellationToken cancellation)
    {
        const string Sql = $"""
            select {EntryColumns} from list_entries
            where list = @list and position > @after
            order by position
            limit @limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return [.. await connection.QueryAsync<ListEntry>(new CommandDefinition(
            Sql, new { list, after, limit }, cancellationToken: cancellation))];
    }

    /// <summary>Every value that counts.</summary>
    public async Task<IReadOnlyList<ListedValue>> ReadLiveAsync(CancellationToken cancellation)
    {
        const string Sql = """
            select list, value, expires_at from list_entries where expires_at is null or expires_at > @Now
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return [.. await connection.QueryAsync<ListedValue>(new CommandDefinition(
            Sql, new { Now = clock.GetUtcNow().UtcDateTime }, cancellationToken: cancellation))];
    }
}
