using System.Text.Json;
using Dapper;
using Ecom.Contracts.Fraud;
using Ecom.ServiceDefaults.Messaging;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>An alert with its state.</summary>
internal sealed record Alert
{
    /// <summary>Where it stands in the order of raising: the cursor.</summary>
    public required long Position { get; init; }

    /// <summary>open, confirmed (it was fraud) or dismissed (it was not).</summary>
    public required string State { get; init; }

    /// <summary>What the person who closed it wrote; null if nothing.</summary>
    public required string? Note { get; init; }

    public required DateTimeOffset? ClosedAt { get; init; }

    /// <summary>When the broker took it on the exchange fraud.alerts; null if that is to come.</summary>
    public required DateTimeOffset? PublishedAt { get; init; }

    /// <summary>The alert as it was raised.</summary>
    public required FraudAlertRaised Raised { get; init; }
}

/// <summary>An alert on its way to the exchange.</summary>
internal sealed record UnpublishedAlert
{
    public required long Position { get; init; }

    public required Guid AlertId { get; init; }

    public required string Body { get; init; }

    public required string? TraceParent { get; init; }
}

/// <summary>Lists alerts, closes them, and knows which the exchange has not got.</summary>
internal sealed class AlertStore(NpgsqlDataSource database, Outbox outbox, TimeProvider clock)
{
    /// <summary>Alerts in the order of raising, after a position.</summary>
    /// <param name="state">Only those in this state; null is all.</param>
    /// <param name="after">Position of the last one seen; 0 begins.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<IReadOnlyList<Alert>> ListAsync(
        string? state, long after, int limit, CancellationToken cancellation)
    {
        const string Sql = """
            select position, state, note, body, closed_at, published_at
            from alerts
            where position > @after and (@state is null or state = @state)
            order by position
            limit @limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            Sql, new { state, after, limit }, cancellationToken: cancellation));
        return [.. rows.Select(row => row.ToAlert())];
    }

    public async Task<Alert?> FindAsync(Guid alertId, CancellationToken cancellation)
    {
        const string Sql = """
            select position, state, note, body, closed_at, published_at from alerts where alert_id = @alertId
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            Sql, new { alertId }, cancellationToken: cancellation));
        return row?.ToAlert();
    }

    /// <summary>Closes an open alert with a verdict, which becomes a label. Closing it again changes nothing.</summary>
    /// <returns>False if it was closed already, or never raised.</returns>
    public async Task<bool> CloseAsync(Guid alertId, bool fraud, string? note, CancellationToken cancellation)
    {
        const string Sql = """
            update alerts set state = @state, note = @note, closed_at = @now
            where alert_id = @alertId and state = 'open'
            returning payment_id
            """;

        var now = clock.GetUtcNow();
        var state = fraud ? "confirmed" : "dismissed";
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var paymentId = await connection.QuerySingleOrDefaultAsync<string>(new CommandDefinition(
            Sql, new { alertId, state, note, now = now.UtcDateTime }, cancellationToken: cancellation));
        if (paymentId is null)
        {
            return false;
        }

        var label = new NewLabel(Guid.CreateVersion7(now), paymentId, fraud, "analyst", note, now);
        await LabelStore.InsertAsync(connection, label, now, cancellation);
        var updated = new FraudAlertUpdated { AlertId = alertId, State = state, UpdatedAt = now };
        await outbox.AddAsync(connection, [new OutboxMessage(Guid.CreateVersion7(now), updated)], cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    /// <summary>The oldest alerts that the exchange has not got.</summary>
    public async Task<IReadOnlyList<UnpublishedAlert>> ListUnpublishedAsync(int limit, CancellationToken cancellation)
    {
        const string Sql = """
            select position, alert_id, body, trace_parent
            from alerts
            where published_at is null
            order by position
            limit @limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<UnpublishedAlert>(new CommandDefinition(
            Sql, new { limit }, cancellationToken: cancellation));
        return rows.AsList();
    }

    public async Task MarkPublishedAsync(long position, CancellationToken cancellation)
    {
        const string Sql = "update alerts set published_at = @now where position = @position";

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Sql, new { position, now = clock.GetUtcNow().UtcDateTime }, cancellationToken: cancellation));
    }

    private sealed record Row
    {
        public required long Position { get; init; }

        public required string State { get; init; }

        public required string? Note { get; init; }

        public required string Body { get; init; }

        public required DateTimeOffset? ClosedAt { get; init; }

        public required DateTimeOffset? PublishedAt { get; init; }

        public Alert ToAlert() => new()
        {
            Position = Position,
            State = State,
            Note = Note,
            ClosedAt = ClosedAt,
            PublishedAt = PublishedAt,
            Raised = JsonSerializer.Deserialize<FraudAlertRaised>(Body, JsonSerializerOptions.Web)!,
        };
    }
}
