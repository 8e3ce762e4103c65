using Dapper;
using Ecom.Fraud.Rules;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Changes of rules and lists: one after the other, each with its author.</summary>
internal sealed class RuleChanges(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>Number of the newest change; 0 if there is none.</summary>
    public async Task<long> ReadNewestAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "select coalesce(max(position), 0) from rule_changes", cancellationToken: cancellation));
    }

    /// <summary>Changes of a rule or list, newest first.</summary>
    public async Task<IReadOnlyList<RuleChange>> ListAsync(
        string subject, string name, int limit, CancellationToken cancellation)
    {
        const string Sql = """
            select position, version, change, changed_by, changed_at
            from rule_changes
            where subject = @subject and name = @name
            order by position desc
            limit @limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return [.. await connection.QueryAsync<RuleChange>(new CommandDefinition(
            Sql, new { subject, name, limit }, cancellationToken: cancellation))];
    }

    /// <summary>Runs a change in a transaction, while no other change runs.</summary>
    /// <remarks>
    /// Positions are given in the order of commits by that, so that a replica that knows the newest knows all.
    /// </remarks>
    public async Task<T> RunAsync<T>(
        Func<NpgsqlConnection, DateTime, Task<T>> change, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            "select pg_advisory_xact_lock(hashtext('fraud rules'))", cancellationToken: cancellation));
        var result = await change(connection, clock.GetUtcNow().UtcDateTime);
        await transaction.CommitAsync(cancellation);
        return result;
    }

    /// <summary>Notes a change, within its transaction.</summary>
    public static Task NoteAsync(
        NpgsqlConnection connection,
        (string Subject, string Name, int? Version) what,
        (string Change, string By, DateTime At) how,
        CancellationToken cancellation)
    {
        const string Sql = """
            insert into rule_changes (subject, name, version, change, changed_by, changed_at)
            values (@Subject, @Name, @Version, @Change, @By, @At)
            """;

        return connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new { what.Subject, what.Name, what.Version, how.Change, how.By, how.At },
            cancellationToken: cancellation));
    }
}
