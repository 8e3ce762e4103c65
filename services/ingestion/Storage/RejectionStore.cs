using Dapper;
using Ecom.Ingestion.Envelopes;
using Npgsql;

namespace Ecom.Ingestion.Storage;

/// <summary>What was refused and why, for people to list, mend and replay: table rejections.</summary>
internal sealed class RejectionStore(NpgsqlDataSource database)
{
    /// <summary>Keeps a group's refused events and lines, in the open transaction.</summary>
    public static async Task AddAsync(
        NpgsqlConnection connection, IReadOnlyCollection<NewRejection> rejections, CancellationToken cancellation)
    {
        const string Sql = """
            insert into rejections (id, line, event_id, received_at, sent_at, client, message_id, kind, reason, path,
                detail, payload, customer_id, anonymous_id)
            select * from unnest(@Ids, @Lines, @EventIds, @ReceivedAt, @SentAt, @Clients, @MessageIds, @Kinds, @Reasons,
                @Paths, @Details, @Payloads, @Customers, @Anonymous)
            """;

        if (rejections.Count == 0)
        {
            return;
        }

        await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                Ids = rejections.Select(r => r.Id).ToArray(),
                Lines = rejections.Select(r => r.IsLine).ToArray(),
                EventIds = rejections.Select(r => r.Event.EventId).ToArray(),
                ReceivedAt = rejections.Select(r => r.Event.ReceivedAt).ToArray(),
                SentAt = rejections.Select(r => r.Event.SentAt?.ToUniversalTime()).ToArray(),
                Clients = rejections.Select(r => r.Event.Client).ToArray(),
                MessageIds = rejections.Select(r => r.Event.MessageId).ToArray(),
                Kinds = rejections.Select(r => r.Event.Kind).ToArray(),
                Reasons = rejections.Select(r => r.Reason).ToArray(),
                Paths = rejections.Select(r => r.Path).ToArray(),
                Details = rejections.Select(r => r.Detail).ToArray(),
                Payloads = rejections.Select(r => r.Payload).ToArray(),
                Customers = rejections.Select(r => r.Event.CustomerId).ToArray(),
                Anonymous = rejections.Select(r => r.Event.AnonymousId).ToArray(),
            },
            cancellationToken: cancellation));
    }

    /// <summary>Rejections, newest first.</summary>
    /// <param name="reason">Only this reason; null for all.</param>
    /// <param name="before">Only what is older than this position; null for the newest.</param>
    /// <param name="limit">Most rows.</param>
    /// <param name="cancellation">Stops the reading.</param>
    public async Task<IReadOnlyList<StoredRejection>> ListAsync(
        string? reason, long? before, int limit, CancellationToken cancellation)
    {
        const string Sql = """
            select * from rejections
            where (@reason::text is null or reason = @reason) and (@before::bigint is null or position < @before)
            order by position desc
            limit @limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<StoredRejection>(new CommandDefinition(
            Sql, new { reason, before, limit }, cancellationToken: cancellation));
        return rows.AsList();
    }

    /// <summary>How many events and lines wait for a person, by reason, the most frequent first.</summary>
    public async Task<IReadOnlyList<RejectionCount>> CountAsync(CancellationToken cancellation)
    {
        const string Sql = """
            select reason, count(*) filter (where not line) as events, count(*) filter (where line) as lines,
                count(*) filter (where replayed_at is not null) as replayed, max(received_at) as last_received_at
            from rejections
            group by reason
            order by count(*) desc, reason
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<RejectionCount>(
            new CommandDefinition(Sql, cancellationToken: cancellation));
        return rows.AsList();
    }

    /// <summary>One rejection; null if there is none of this id.</summary>
    public async Task<StoredRejection?> FindAsync(Guid id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<StoredRejection>(new CommandDefinition(
            "select * from rejections where id = @id", new { id }, cancellationToken: cancellation));
    }

    /// <summary>Notes that a mended event was taken.</summary>
    public async Task MarkReplayedAsync(Guid id, Guid eventId, DateTimeOffset at, CancellationToken cancellation)
    {
        const string Sql = "update rejections set replayed_at = @at, replayed_event_id = @eventId where id = @id";

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Sql, new { id, eventId, at }, cancellationToken: cancellation));
    }
}

/// <summary>A refused event, or a refused line of one.</summary>
internal sealed record NewRejection(
    Guid Id, bool IsLine, ReadEvent Event, string Reason, string Path, string? Detail, string? Payload);

/// <summary>A row of table rejections.</summary>
internal sealed record StoredRejection
{
    public required long Position { get; init; }

    public required Guid Id { get; init; }

    public required bool Line { get; init; }

    public required Guid EventId { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    public required DateTimeOffset? SentAt { get; init; }

    public required string Client { get; init; }

    public required string MessageId { get; init; }

    public required string Kind { get; init; }

    public required string Reason { get; init; }

    public required string Path { get; init; }

    public required string? Detail { get; init; }

    public required string? Payload { get; init; }

    public required string? CustomerId { get; init; }

    public required string? AnonymousId { get; init; }

    public required DateTimeOffset? ReplayedAt { get; init; }

    public required Guid? ReplayedEventId { get; init; }
}

/// <summary>Rejections of one reason.</summary>
internal sealed record RejectionCount
{
    public required string Reason { get; init; }

    public required long Events { get; init; }

    public required long Lines { get; init; }

    public required long Replayed { get; init; }

    public required DateTimeOffset LastReceivedAt { get; init; }
}
