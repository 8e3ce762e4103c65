using System.Text.Json;
using Dapper;
using Npgsql;

namespace Ecom.Recommendation.Storage;

/// <summary>Who changed what merchandisers set, and when: table <c>changes</c>. Its newest number is the version that
/// replicas look for.</summary>
internal sealed class ChangeStore(NpgsqlDataSource database)
{
    /// <summary>Takes the lock that puts all changes in one order; it lasts until the transaction ends.</summary>
    public static Task LockAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        connection.ExecuteAsync(new CommandDefinition(
            "select pg_advisory_xact_lock(hashtext('changes'))", cancellationToken: cancellation));

    /// <summary>Records a change in the connection's transaction, which holds the lock.</summary>
    public static Task AddAsync(NpgsqlConnection connection, Change change, CancellationToken cancellation)
    {
        const string Sql = """
            insert into changes (kind, subject, version, action, body, changed_by, changed_at)
            values (@Kind, @Subject, @Version, @Action, @Body::jsonb, @ChangedBy, @ChangedAt)
            """;

        return connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                change.Kind,
                change.Subject,
                change.Version,
                change.Action,
                Body = change.Body?.GetRawText(),
                change.ChangedBy,
                change.ChangedAt,
            },
            cancellationToken: cancellation));
    }

    /// <summary>Number of the newest change; 0 before the first.</summary>
    public async Task<long> ReadNewestAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "select coalesce(max(change), 0) from changes", cancellationToken: cancellation));
    }

    /// <summary>The changes of one subject, newest first.</summary>
    public async Task<IReadOnlyList<Change>> ListAsync(
        string kind, string subject, int limit, CancellationToken cancellation)
    {
        const string Sql = """
            select kind, subject, version, action, body::text as body, changed_by, changed_at
            from changes
            where kind = @kind and subject = @subject
            order by version desc
            limit @limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<ChangeRow>(new CommandDefinition(
            Sql, new { kind, subject, limit }, cancellationToken: cancellation));
        return [.. rows.Select(row => new Change
        {
            Kind = row.Kind,
            Subject = row.Subject,
            Version = row.Version,
            Action = row.Action,
            Body = row.Body is null ? null : JsonSerializer.Deserialize<JsonElement>(row.Body),
            ChangedBy = row.ChangedBy,
            ChangedAt = row.ChangedAt,
        })];
    }

    private sealed record ChangeRow
    {
        public required string Kind { get; init; }

        public required string Subject { get; init; }

        public required int Version { get; init; }

        public required string Action { get; init; }

        public string? Body { get; init; }

        public required string ChangedBy { get; init; }

        public required DateTimeOffset ChangedAt { get; init; }
    }
}

/// <summary>One change.</summary>
internal sealed record Change
{
    /// <summary>placement, rule or experiment.</summary>
    public required string Kind { get; init; }

    public required string Subject { get; init; }

    /// <summary>Version that the subject has since.</summary>
    public required int Version { get; init; }

    /// <summary>set, deleted, activated….</summary>
    public required string Action { get; init; }

    /// <summary>The subject as it is since; null when it was deleted.</summary>
    public JsonElement? Body { get; init; }

    /// <summary>Client name of the key, or the part of the service that did it.</summary>
    public required string ChangedBy { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }
}
