using Dapper;
using Npgsql;

namespace Ecom.Ingestion.Storage;

/// <summary>The newest accepted events, for people who watch.</summary>
internal sealed class RecentEvents(NpgsqlDataSource database)
{
    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<RecentEvent>> ReadAsync(int limit, CancellationToken cancellation)
    {
        const string Sql = """
            select event_id, kind, subject, client, customer_id, anonymous_id, occurred_at, received_at, backfill,
                body::json #>> '{traceParent}' as trace_parent
            from events
            order by transaction_id desc, position desc
            limit @limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<RecentEvent>(
            new CommandDefinition(Sql, new { limit }, cancellationToken: cancellation));
        return rows.AsList();
    }
}

/// <summary>An accepted event in one line.</summary>
internal sealed record RecentEvent
{
    public required Guid EventId { get; init; }

    public required string Kind { get; init; }

    public required string? Subject { get; init; }

    public required string Client { get; init; }

    public required string? CustomerId { get; init; }

    public required string? AnonymousId { get; init; }

    public required DateTimeOffset OccurredAt { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    public required bool Backfill { get; init; }

    public required string? TraceParent { get; init; }
}
