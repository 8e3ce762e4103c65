using Dapper;
using Ecom.Contracts.Fraud;
using Ecom.Fraud.Alerts;
using Ecom.Fraud.Cases;
using Ecom.Fraud.Payments;
using Ecom.ServiceDefaults.Messaging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Lists cases, and carries out what <see cref="CaseMachine"/> allows.</summary>
/// <remarks>Rows are locked in the order case, alert, event log, so that nobody waits in a circle.</remarks>
internal sealed class CaseStore(
    NpgsqlDataSource database, AlertStore alerts, Outbox outbox, IOptions<FraudOptions> options, TimeProvider clock)
{
    private readonly CaseOptions _options = options.Value.Cases;

    /// <summary>Cases in the order of opening, after a position.</summary>
    public async Task<IReadOnlyList<Case>> ListAsync(
        CaseFilter filter, long after, int limit, CancellationToken cancellation)
    {
        // Apart, since closed cases are many and the index of open ones is used only for a plain condition.
        var open = filter.Overdue == true ? "and c.state in ('open', 'investigating')" : "";
        var sql = $"""
            select {CaseRow.Columns}
            from cases c {CaseRow.Alerts}
            where c.position > @after {open}
                and (@State::text is null or c.state = @State)
                and (@Assignee::text is null or c.assignee = @Assignee)
                and (@Customer::text is null or c.customer_id = @Customer)
                and (@Device::text is null or c.device_id = @Device)
                and (@Severity::smallint is null or a.severity = @Severity)
                and (@Snoozed::boolean is null or @Snoozed = coalesce(
                    c.snoozed_until > @now and a.severity <= c.snoozed_severity, false))
                and (@Overdue::boolean is null or @Overdue = (
                    c.state in ('open', 'investigating')
                    and c.opened_at + make_interval(secs => (@within)[a.severity + 1]) < @now
                    and not coalesce(c.snoozed_until > @now and a.severity <= c.snoozed_severity, false)))
            order by c.position
            limit @limit
            """;

        var now = clock.GetUtcNow();
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<CaseRow>(new CommandDefinition(
            sql,
            new
            {
                after,
                limit,
                filter.State,
                filter.Assignee,
                filter.Customer,
                filter.Device,
                Severity = (short?)filter.Severity,
                filter.Snoozed,
                filter.Overdue,
                within = Enum.GetValues<FraudSeverity>()
                    .Select(severity => _options.Within(severity).TotalSeconds).ToArray(),
                now = now.UtcDateTime,
            },
            cancellationToken: cancellation));
        return [.. rows.Select(row => row.ToCase(_options, now))];
    }

    public async Task<Case?> FindAsync(Guid caseId, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await ReadAsync(connection, caseId, cancellation))?.ToCase(_options, clock.GetUtcNow());
    }

    /// <summary>What was written on a case, oldest first.</summary>
    public async Task<IReadOnlyList<CaseNote>> ListNotesAsync(
        Guid caseId, long after, int limit, CancellationToken cancellation)
    {
        const string Sql = """
            select position, author, body, at from case_notes
            where case_id = @caseId and position > @after
            order by position
            limit @limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<CaseNote>(new CommandDefinition(
            Sql, new { caseId, after, limit }, cancellationToken: cancellation))).AsList();
    }

    /// <summary>Opens a case by hand. Alerts of its customer or device join it from then on.</summary>
    /// <returns>The case, and whether it is new: the same id opens one case.</returns>
    public async Task<(Case Case, bool IsNew)> OpenAsync(
        CaseOpening opening, string by, CancellationToken cancellation)
    {
        const string Sql = """
            insert into cases (case_id, customer_id, device_id, assignee, opened_at, changed_at)
            values (@CaseId, @CustomerId, @DeviceId, @Assignee, @now, @now)
            on conflict (case_id) do nothing
            """;

        var now = Now();
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await Locks.ShareErasureAsync(connection, cancellation);
        await EventLog.HoldAsync(connection, cancellation);
        var isNew = await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new { opening.CaseId, opening.CustomerId, opening.DeviceId, opening.Assignee, now = now.UtcDateTime },
            cancellationToken: cancellation)) == 1;
        var row = (await ReadAsync(connection, opening.CaseId, cancellation))!;
        if (isNew)
        {
            await AddNoteAsync(connection, opening.CaseId, by, opening.Note, now, cancellation);
            var told = ToldOf(row, new CaseCommand { Action = CaseAction.Open, Text = opening.Note }, by, now);
            await EventLog.AddAsync(connection, [CaseJoin.EventOf(told)], cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return (row.ToCase(_options, now), isNew);
    }

    /// <summary>Does something with a case, and with its alerts when it is closed or reopened.</summary>
    public async Task<Change<Case>> ApplyAsync(
        Guid caseId, CaseCommand command, Expected expected, string by, CancellationToken cancellation)
    {
        var now = Now();
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await Locks.ShareErasureAsync(connection, cancellation);
        if (await LockAsync(connection, caseId, cancellation) is not { } row)
        {
            return new Change<Case>(ChangeResult.NotFound);
        }

        var step = CaseMachine.Apply(row, command, by, now);
        if (step.Result != ChangeResult.Done || ReferenceEquals(step.Next, row))
        {
            return new Change<Case>(step.Result, row.ToCase(_options, now), step.Why);
        }

        if (expected.IsStale(row.Version))
        {
            return new Change<Case>(ChangeResult.Stale, row.ToCase(_options, now));
        }

        await WriteAsync(connection, step.Next, cancellation);
        var touched = await TouchAlertsAsync(connection, row, command, by, now, cancellation);
        if (command.Action == CaseAction.Note)
        {
            await AddNoteAsync(connection, caseId, by, command.Text!, now, cancellation);
        }

        await EventLog.HoldAsync(connection, cancellation);
        var told = ToldOf(step.Next, command, by, now);
        await EventLog.AddAsync(connection, [CaseJoin.EventOf(told)], cancellation);
        await alerts.TellAsync(
            connection,
            touched,
            command.Action == CaseAction.Close ? AlertChange.Resolved : AlertChange.Reopened,
            by,
            cancellation);
        if (command.Action == CaseAction.Close)
        {
            await AnnounceAsync(connection, step.Next, by, cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return new Change<Case>(ChangeResult.Done, step.Next.ToCase(_options, now));
    }

    /// <summary>Puts the alerts and notes of other active cases into one, and ends the others.</summary>
    public async Task<Change<Case>> MergeAsync(
        Guid into, IReadOnlyCollection<Guid> others, Expected expected, string by, CancellationToken cancellation)
    {
        const string Move = """
            update alerts set case_id = @into where case_id = any(@others);
            update case_notes set case_id = @into where case_id = any(@others);
            update cases
            set state = 'merged', merged_into = @into, version = version + 1, changed_at = @now, locked_by = null,
                locked_until = null, snoozed_until = null
            where case_id = any(@others);
            update cases set version = version + 1, changed_at = @now where case_id = @into;
            """;

        var now = Now();
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await Locks.ShareErasureAsync(connection, cancellation);
        var rows = new List<CaseRow>();
        foreach (var id in others.Append(into).Order())
        {
            if (await LockAsync(connection, id, cancellation) is not { } row)
            {
                return new Change<Case>(ChangeResult.NotFound);
            }

            rows.Add(row);
        }

        var target = rows.Single(row => row.CaseId == into);
        if (rows.FirstOrDefault(row => row.LockedUntil > now && row.LockedBy != by) is { } locked)
        {
            return new Change<Case>(
                ChangeResult.Locked, target.ToCase(_options, now), $"{locked.LockedBy} has {locked.CaseId} locked.");
        }

        if (rows.FirstOrDefault(row => !row.IsActive) is { } ended)
        {
            return new Change<Case>(
                ChangeResult.Refused, target.ToCase(_options, now), $"{ended.CaseId} is {ended.State}, not open.");
        }

        if (expected.IsStale(target.Version))
        {
            return new Change<Case>(ChangeResult.Stale, target.ToCase(_options, now));
        }

        await connection.ExecuteAsync(new CommandDefinition(
            Move, new { into, others = others.ToArray(), now = now.UtcDateTime }, cancellationToken: cancellation));
        await EventLog.HoldAsync(connection, cancellation);
        await EventLog.AddAsync(
            connection,
            [.. rows.Select(row => CaseJoin.EventOf(MergedOf(row, into, others.First(), by, now)))],
            cancellation);
        var merged = await ReadAsync(connection, into, cancellation);
        await transaction.CommitAsync(cancellation);
        return new Change<Case>(ChangeResult.Done, merged!.ToCase(_options, now));
    }

    private static CaseEvent ToldOf(CaseRow row, CaseCommand command, string by, DateTimeOffset now) => new()
    {
        CaseId = row.CaseId,
        Version = row.Version,
        Change = command.Action,
        State = row.State,
        Outcome = row.Outcome,
        Assignee = row.Assignee,
        Text = command.Text,
        Until = command.Until,
        By = by,
        At = now,
    };

    private static CaseEvent MergedOf(CaseRow row, Guid into, Guid other, string by, DateTimeOffset now) => new()
    {
        CaseId = row.CaseId,
        Version = row.Version + 1,
        Change = CaseAction.Merge,
        State = row.CaseId == into ? row.State : CaseState.Merged,
        OtherCaseId = row.CaseId == into ? other : into,
        By = by,
        At = now,
    };

    private static async Task<IReadOnlyList<AlertRow>> TouchAlertsAsync(
        NpgsqlConnection connection,
        CaseRow before,
        CaseCommand command,
        string by,
        DateTimeOffset now,
        CancellationToken cancellation)
    {
        const string Open = "select alert_id from alerts where case_id = @CaseId and state = 'open' order by position";

        switch (command.Action)
        {
            case CaseAction.Close:
                var open = await connection.QueryAsync<Guid>(new CommandDefinition(
                    Open, new { before.CaseId }, cancellationToken: cancellation));
                return await AlertStore.CloseAsync(
                    connection, [.. open], command.Outcome!, command.Text, by, now, cancellation);
            case CaseAction.Reopen:
                return await AlertStore.ReopenAsync(connection, before.CaseId, before.ClosedAt!.Value, cancellation);
            default:
                return [];
        }
    }

    // The database keeps microseconds; what a reopening finds by its time must be what was written.
    private DateTimeOffset Now()
    {
        var now = clock.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    private async Task AnnounceAsync(
        NpgsqlConnection connection, CaseRow row, string by, CancellationToken cancellation)
    {
        const string Sql = "select alert_id from alerts where case_id = @CaseId order by position";

        var ids = await connection.QueryAsync<Guid>(new CommandDefinition(
            Sql, new { row.CaseId }, cancellationToken: cancellation));
        var closed = new FraudCaseClosed
        {
            CaseId = row.CaseId,
            Fraud = Outcome.LabelOf(row.Outcome!) == true,
            AlertIds = [.. ids],
            ClosedAt = row.ClosedAt!.Value,
            Outcome = row.Outcome,
            Version = row.Version,
            ClosedBy = by,
            Note = row.Note,
        };
        await outbox.AddAsync(
            connection, [new OutboxMessage(PaymentIds.CaseUpdate(row.CaseId, row.Version), closed)], cancellation);
    }

    private static Task WriteAsync(NpgsqlConnection connection, CaseRow row, CancellationToken cancellation)
    {
        const string Sql = """
            update cases
            set state = @State, outcome = @Outcome, assignee = @Assignee, locked_by = @LockedBy,
                locked_until = @LockedUntil, snoozed_until = @SnoozedUntil, snoozed_severity = @SnoozedSeverity,
                note = @Note, version = @Version, changed_at = @ChangedAt, closed_at = @ClosedAt, closed_by = @ClosedBy
            where case_id = @CaseId
            """;

        return connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                row.CaseId,
                row.State,
                row.Outcome,
                row.Assignee,
                row.LockedBy,
                LockedUntil = row.LockedUntil?.UtcDateTime,
                SnoozedUntil = row.SnoozedUntil?.UtcDateTime,
                row.SnoozedSeverity,
                row.Note,
                row.Version,
                ChangedAt = row.ChangedAt.UtcDateTime,
                ClosedAt = row.ClosedAt?.UtcDateTime,
                row.ClosedBy,
            },
            cancellationToken: cancellation));
    }

    private static Task AddNoteAsync(
        NpgsqlConnection connection,
        Guid caseId,
        string author,
        string body,
        DateTimeOffset now,
        CancellationToken cancellation)
    {
        const string Sql = """
            insert into case_notes (case_id, author, body, at) values (@caseId, @author, @body, @now)
            """;

        return connection.ExecuteAsync(new CommandDefinition(
            Sql, new { caseId, author, body, now = now.UtcDateTime }, cancellationToken: cancellation));
    }

    // Locked first, added up then: an alert that joined meanwhile is seen.
    private static async Task<CaseRow?> LockAsync(
        NpgsqlConnection connection, Guid caseId, CancellationToken cancellation)
    {
        await connection.ExecuteAsync(new CommandDefinition(
            "select from cases where case_id = @caseId for update", new { caseId }, cancellationToken: cancellation));
        return await ReadAsync(connection, caseId, cancellation);
    }

    private static Task<CaseRow?> ReadAsync(
        NpgsqlConnection connection, Guid caseId, CancellationToken cancellation)
    {
        const string Sql = $"select {CaseRow.Columns} from cases c {CaseRow.Alerts} where c.case_id = @caseId";

        return connection.QuerySingleOrDefaultAsync<CaseRow>(new CommandDefinition(
            Sql, new { caseId }, cancellationToken: cancellation));
    }
}
