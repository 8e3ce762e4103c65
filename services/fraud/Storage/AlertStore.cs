using Dapper;
using Ecom.Fraud.Alerts;
using Ecom.ServiceDefaults.Messaging;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Lists alerts, and takes in what the team does with them.</summary>
internal sealed class AlertStore(NpgsqlDataSource database, Outbox outbox, TimeProvider clock)
{
    /// <summary>Alerts in the order of raising, after a position.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="after">Position of the last one seen; 0 begins.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<IReadOnlyList<Alert>> ListAsync(
        AlertFilter filter, long after, int limit, CancellationToken cancellation)
    {
        const string Sql = $"""
            select {AlertRow.Columns}
            from alerts
            where position > @after
                and (@State::text is null or state = @State)
                and (@Severity::smallint is null or severity = @Severity)
                and (@Decision::text is null or decision = @Decision)
                and (@Customer::text is null or customer_id = @Customer)
                and (@Device::text is null or device_id = @Device)
                and (@Reason::text is null or @Reason = any(reason_codes))
                and (@Assignee::text is null or assignee = @Assignee)
                and (@CaseId::uuid is null or case_id = @CaseId)
                and (@Since::timestamptz is null or raised_at >= @Since)
                and (@Until::timestamptz is null or raised_at < @Until)
            order by position
            limit @limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<AlertRow>(new CommandDefinition(
            Sql,
            new
            {
                after,
                limit,
                filter.State,
                Severity = (short?)filter.Severity,
                Decision = filter.Decision?.ToString(),
                filter.Customer,
                filter.Device,
                filter.Reason,
                filter.Assignee,
                filter.CaseId,
                Since = filter.Since?.UtcDateTime,
                Until = filter.Until?.UtcDateTime,
            },
            cancellationToken: cancellation));
        return [.. rows.Select(row => row.ToAlert())];
    }

    public async Task<Alert?> FindAsync(Guid alertId, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await ReadAsync(connection, alertId, cancellation))?.ToAlert();
    }

    /// <summary>Payments of an alert by id, after one; an empty text begins.</summary>
    public async Task<IReadOnlyList<AlertPayment>> ListPaymentsAsync(
        Guid alertId, string after, int limit, CancellationToken cancellation)
    {
        const string Sql = """
            select payment_id, base_amount, occurred_at from alert_payments
            where alert_id = @alertId and payment_id > @after
            order by payment_id
            limit @limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<AlertPayment>(new CommandDefinition(
            Sql, new { alertId, after, limit }, cancellationToken: cancellation))).AsList();
    }

    /// <summary>Notes that somebody has seen it. Doing it again changes nothing.</summary>
    public Task<Change<Alert>> AcknowledgeAsync(
        Guid alertId, Expected expected, string by, CancellationToken cancellation)
    {
        const string Sql = $"""
            update alerts set acknowledged_at = @now, acknowledged_by = @by, version = version + 1
            where alert_id = @alertId
            returning {AlertRow.Columns}
            """;

        return ChangeAsync(
            alertId,
            expected,
            (connection, now) => connection.QuerySingleAsync<AlertRow>(new CommandDefinition(
                Sql, new { alertId, by, now = now.UtcDateTime }, cancellationToken: cancellation)),
            row => row.AcknowledgedAt is not null,
            AlertChange.Acknowledged,
            by,
            cancellation);
    }

    /// <summary>Gives it to somebody, or with null to nobody.</summary>
    public Task<Change<Alert>> AssignAsync(
        Guid alertId, string? assignee, Expected expected, string by, CancellationToken cancellation)
    {
        const string Sql = $"""
            update alerts set assignee = @assignee, version = version + 1
            where alert_id = @alertId
            returning {AlertRow.Columns}
            """;

        return ChangeAsync(
            alertId,
            expected,
            (connection, _) => connection.QuerySingleAsync<AlertRow>(new CommandDefinition(
                Sql, new { alertId, assignee }, cancellationToken: cancellation)),
            row => row.Assignee == assignee,
            AlertChange.Assigned,
            by,
            cancellation);
    }

    /// <summary>
    /// Closes an open alert with an outcome; a verdict becomes a label of each of its payments. Closing it again so
    /// changes nothing.
    /// </summary>
    public async Task<Change<Alert>> ResolveAsync(
        Guid alertId, string outcome, string? note, Expected expected, string by, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await Locks.ShareErasureAsync(connection, cancellation);
        var row = await LockAsync(connection, alertId, cancellation);
        if (row is null)
        {
            return new Change<Alert>(ChangeResult.NotFound);
        }

        if (row.State != AlertState.Open)
        {
            return row.Outcome == outcome
                ? new Change<Alert>(ChangeResult.Done, row.ToAlert())
                : new Change<Alert>(ChangeResult.Refused, row.ToAlert(), WhyClosed(row));
        }

        if (expected.IsStale(row.Version))
        {
            return new Change<Alert>(ChangeResult.Stale, row.ToAlert());
        }

        var closed = await CloseAsync(connection, [alertId], outcome, note, by, clock.GetUtcNow(), cancellation);
        await EventLog.HoldAsync(connection, cancellation);
        await TellAsync(connection, closed, AlertChange.Resolved, by, cancellation);
        await transaction.CommitAsync(cancellation);
        return new Change<Alert>(ChangeResult.Done, closed[0].ToAlert());
    }

    /// <summary>Closes those alerts that are open, and labels their payments, in the open transaction.</summary>
    public static async Task<IReadOnlyList<AlertRow>> CloseAsync(
        NpgsqlConnection connection,
        Guid[] alertIds,
        string outcome,
        string? note,
        string by,
        DateTimeOffset now,
        CancellationToken cancellation)
    {
        const string Sql = $"""
            update alerts
            set state = @state, outcome = @outcome, note = @note, closed_at = @now, closed_by = @by,
                version = version + 1
            where alert_id = any(@alertIds) and state = 'open'
            returning {AlertRow.Columns}
            """;

        var closed = (await connection.QueryAsync<AlertRow>(new CommandDefinition(
            Sql,
            new { alertIds, state = Outcome.StateOf(outcome), outcome, note, by, now = now.UtcDateTime },
            cancellationToken: cancellation))).AsList();
        if (Outcome.LabelOf(outcome) is { } fraud)
        {
            await LabelStore.LabelAlertsAsync(
                connection, [.. closed.Select(row => row.AlertId)], fraud, note, now, cancellation);
        }

        return closed;
    }

    /// <summary>Opens those alerts again that were closed with a case, in the open transaction.</summary>
    public static async Task<IReadOnlyList<AlertRow>> ReopenAsync(
        NpgsqlConnection connection, Guid caseId, DateTimeOffset closedAt, CancellationToken cancellation)
    {
        const string Sql = $"""
            update alerts
            set state = 'open', outcome = null, note = null, closed_at = null, closed_by = null, version = version + 1
            where case_id = @caseId and closed_at = @closedAt
            returning {AlertRow.Columns}
            """;

        return (await connection.QueryAsync<AlertRow>(new CommandDefinition(
            Sql, new { caseId, closedAt = closedAt.UtcDateTime }, cancellationToken: cancellation))).AsList();
    }

    /// <summary>Tells of changed alerts in the open transaction, after <see cref="EventLog.HoldAsync"/>.</summary>
    public async Task TellAsync(
        NpgsqlConnection connection,
        IReadOnlyList<AlertRow> changed,
        string change,
        string by,
        CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var told = changed.Select(row => Told.Of(row.ToUpdate(change, now, by))).ToArray();
        await EventLog.AddAsync(connection, [.. told.Select(one => one.Event)], cancellation);
        await outbox.AddAsync(connection, [.. told.Select(one => one.Message)], cancellation);
    }

    private static string WhyClosed(AlertRow row) => row.MergedInto is { } other
        ? $"The alert went into that of its ring, {other}, at {row.ClosedAt:O}."
        : $"The alert was closed as {row.Outcome} at {row.ClosedAt:O}.";

    private async Task<Change<Alert>> ChangeAsync(
        Guid alertId,
        Expected expected,
        Func<NpgsqlConnection, DateTimeOffset, Task<AlertRow>> update,
        Func<AlertRow, bool> isSo,
        string change,
        string by,
        CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await Locks.ShareErasureAsync(connection, cancellation);
        var row = await LockAsync(connection, alertId, cancellation);
        if (row is null)
        {
            return new Change<Alert>(ChangeResult.NotFound);
        }

        if (isSo(row))
        {
            return new Change<Alert>(ChangeResult.Done, row.ToAlert());
        }

        if (expected.IsStale(row.Version))
        {
            return new Change<Alert>(ChangeResult.Stale, row.ToAlert());
        }

        if (row.State != AlertState.Open)
        {
            return new Change<Alert>(ChangeResult.Refused, row.ToAlert(), WhyClosed(row));
        }

        var changed = await update(connection, clock.GetUtcNow());
        await EventLog.HoldAsync(connection, cancellation);
        await TellAsync(connection, [changed], change, by, cancellation);
        await transaction.CommitAsync(cancellation);
        return new Change<Alert>(ChangeResult.Done, changed.ToAlert());
    }

    private static Task<AlertRow?> LockAsync(
        NpgsqlConnection connection, Guid alertId, CancellationToken cancellation)
    {
        const string Sql = $"select {AlertRow.Columns} from alerts where alert_id = @alertId for update";

        return connection.QuerySingleOrDefaultAsync<AlertRow>(new CommandDefinition(
            Sql, new { alertId }, cancellationToken: cancellation));
    }

    private static Task<AlertRow?> ReadAsync(
        NpgsqlConnection connection, Guid alertId, CancellationToken cancellation)
    {
        const string Sql = $"select {AlertRow.Columns} from alerts where alert_id = @alertId";

        return connection.QuerySingleOrDefaultAsync<AlertRow>(new CommandDefinition(
            Sql, new { alertId }, cancellationToken: cancellation));
    }
}
