using Dapper;
using Ecom.Fraud.Alerts;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Everything that happened to alerts and cases, in one order: exchange, stream, webhooks, audit.</summary>
/// <remarks>
/// A position is a cursor only if none appears behind it later. So writers take a lock before they draw positions, and
/// hold it until they committed; they take it last, for as short as can be.
/// </remarks>
internal sealed class EventLog(NpgsqlDataSource database, TimeProvider clock)
{
    private const string Columns =
        "position, event_id, kind, version, body, message_type, routing_key, made_by, trace_parent, at";

    /// <summary>Waits until nobody else draws positions, and keeps them away until the transaction ends.</summary>
    public static Task HoldAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        connection.ExecuteAsync(new CommandDefinition(
            "select pg_advisory_xact_lock(@key)",
            new { key = Locks.KeyOf("events") },
            cancellationToken: cancellation));

    /// <summary>Adds events in the open transaction, after <see cref="HoldAsync"/>.</summary>
    public static Task AddAsync(
        NpgsqlConnection connection, IReadOnlyList<NewEvent> events, CancellationToken cancellation)
    {
        const string Sql = """
            insert into alert_events (
                event_id, alert_id, case_id, kind, version, body, message_type, routing_key, made_by, trace_parent, at)
            select
                event_id, alert_id, case_id, kind, version, body, message_type, routing_key, made_by, trace_parent, at
            from unnest(
                @eventIds, @alertIds, @caseIds, @kinds, @versions, @bodies, @types, @keys, @makers, @traces, @times)
                with ordinality as event (
                    event_id, alert_id, case_id, kind, version, body, message_type, routing_key, made_by, trace_parent,
                    at, number)
            order by number
            """;

        return connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                eventIds = events.Select(one => one.EventId).ToArray(),
                alertIds = events.Select(one => one.AlertId).ToArray(),
                caseIds = events.Select(one => one.CaseId).ToArray(),
                kinds = events.Select(one => one.Kind).ToArray(),
                versions = events.Select(one => one.Version).ToArray(),
                bodies = events.Select(one => one.Body).ToArray(),
                types = events.Select(one => one.MessageType).ToArray(),
                keys = events.Select(one => one.RoutingKey).ToArray(),
                makers = events.Select(one => one.MadeBy).ToArray(),
                traces = events.Select(one => one.TraceParent).ToArray(),
                times = events.Select(one => one.At.UtcDateTime).ToArray(),
            },
            cancellationToken: cancellation));
    }

    /// <summary>Position of the newest event; 0 if there is none.</summary>
    public async Task<long> ReadLastAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "select coalesce(max(position), 0) from alert_events", cancellationToken: cancellation));
    }

    /// <summary>Everything that happened after a position.</summary>
    public async Task<IReadOnlyList<LoggedEvent>> ListAsync(long after, int limit, CancellationToken cancellation)
    {
        const string Sql = $"select {Columns} from alert_events where position > @after order by position limit @limit";

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<LoggedEvent>(new CommandDefinition(
            Sql, new { after, limit }, cancellationToken: cancellation))).AsList();
    }

    /// <summary>What happened to a case, oldest first.</summary>
    public async Task<IReadOnlyList<LoggedEvent>> ListOfCaseAsync(
        Guid caseId, long after, int limit, CancellationToken cancellation)
    {
        const string Sql = $"""
            select {Columns} from alert_events
            where case_id = @caseId and position > @after
            order by position
            limit @limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<LoggedEvent>(new CommandDefinition(
            Sql, new { caseId, after, limit }, cancellationToken: cancellation))).AsList();
    }

    /// <summary>What happened to an alert, oldest first.</summary>
    public async Task<IReadOnlyList<LoggedEvent>> ListOfAlertAsync(
        Guid alertId, long after, int limit, CancellationToken cancellation)
    {
        const string Sql = $"""
            select {Columns} from alert_events
            where alert_id = @alertId and position > @after
            order by position
            limit @limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<LoggedEvent>(new CommandDefinition(
            Sql, new { alertId, after, limit }, cancellationToken: cancellation))).AsList();
    }

    /// <summary>The oldest events that the exchange has not got.</summary>
    public async Task<IReadOnlyList<LoggedEvent>> ListUnpublishedAsync(int limit, CancellationToken cancellation)
    {
        const string Sql = $"""
            select {Columns} from alert_events
            where routing_key is not null and published_at is null
            order by position
            limit @limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<LoggedEvent>(new CommandDefinition(
            Sql, new { limit }, cancellationToken: cancellation))).AsList();
    }

    public async Task MarkPublishedAsync(IReadOnlyList<long> positions, CancellationToken cancellation)
    {
        const string Sql = "update alert_events set published_at = @now where position = any(@positions)";

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new { positions = positions.ToArray(), now = clock.GetUtcNow().UtcDateTime },
            cancellationToken: cancellation));
    }
}
