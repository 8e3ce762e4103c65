using Dapper;
using Ecom.Contracts.Fraud;
using Ecom.Fraud.Alerts;
using Ecom.Fraud.Cases;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>
/// Makes one alert of all that a ring's customers have raised of late: the campaign's, or the oldest that becomes it.
/// </summary>
/// <remarks>
/// Under the lock of the rings, which a payment of a ring holds when it raises something. Rows are locked in the order
/// case, alert, as everywhere.
/// </remarks>
internal static class CampaignAlerts
{
    /// <summary>Most alerts that one payment gathers; the next one gathers more.</summary>
    private const int MostAlerts = 100;

    /// <summary>Gathers what is open.</summary>
    /// <param name="connection">With the open transaction.</param>
    /// <param name="suspicion">A payment of a campaign.</param>
    /// <param name="window">Alerts with a payment tried within this time of it belong to it.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Null if nothing is open.</returns>
    public static async Task<GatheredAlerts?> GatherAsync(
        NpgsqlConnection connection,
        Suspicion suspicion,
        TimeSpan window,
        CancellationToken cancellation)
    {
        var now = suspicion.Decision.DecidedAt;
        var rows = await LockAsync(connection, suspicion, window, cancellation);
        if (rows.Count == 0)
        {
            return null;
        }

        var others = rows.Skip(1).ToArray();
        var codes = rows.SelectMany(row => row.ReasonCodes).Distinct().ToArray();
        var into = rows[0] with
        {
            Occurrences = rows.Sum(row => row.Occurrences),
            BaseAmount = rows.Sum(row => row.BaseAmount),
            Score = rows.Max(row => row.Score),
            Decision = rows.Max(row => Enum.Parse<FraudDecision>(row.Decision)).ToString(),
            LastAt = rows.Max(row => row.LastAt),
            ReasonCodes = codes,
        };
        if (others.Length == 0)
        {
            return new GatheredAlerts(into, [], []);
        }

        var closed = await CloseAsync(connection, into, others, now, cancellation);
        var cases = await MergeCasesAsync(
            connection, into.CaseId, [.. others.Select(row => row.CaseId).OfType<Guid>()], now, cancellation);
        Telemetry.AlertsMerged.Add(others.Length);
        return new GatheredAlerts(
            into, [.. closed.Select(row => Told.Of(row.ToUpdate(AlertChange.Merged, now)))], cases);
    }

    private static async Task<IReadOnlyList<AlertRow>> LockAsync(
        NpgsqlConnection connection, Suspicion suspicion, TimeSpan window, CancellationToken cancellation)
    {
        const string Find = """
            select alert_id, case_id from alerts
            where state = 'open' and last_at > @from and window_start < @to
                and (ring_id = any(@Rings) or customer_id = any(@customers))
            order by position
            limit @MostAlerts
            """;
        const string Lock = $"""
            select case_id from cases where case_id = any(@cases) order by case_id for update;
            select {AlertRow.Columns} from alerts
            where alert_id = any(@alerts) and state = 'open'
            order by coalesce(ring_id = any(@Rings), false) desc, position
            for update;
            """;

        var found = (await connection.QueryAsync<(Guid AlertId, Guid? CaseId)>(new CommandDefinition(
            Find,
            new
            {
                from = (suspicion.Payment.AttemptedAt - window).UtcDateTime,
                to = (suspicion.Payment.AttemptedAt + window).UtcDateTime,
                suspicion.Rings,
                customers = suspicion.Campaign!.Customers.ToArray(),
                MostAlerts,
            },
            cancellationToken: cancellation))).AsList();
        if (found.Count == 0)
        {
            return [];
        }

        await using var read = await connection.QueryMultipleAsync(new CommandDefinition(
            Lock,
            new
            {
                cases = found.Select(alert => alert.CaseId).OfType<Guid>().Distinct().ToArray(),
                alerts = found.Select(alert => alert.AlertId).ToArray(),
                suspicion.Rings,
            },
            cancellationToken: cancellation));
        await read.ReadAsync();
        return (await read.ReadAsync<AlertRow>()).AsList();
    }

    private static async Task<IEnumerable<AlertRow>> CloseAsync(
        NpgsqlConnection connection,
        AlertRow into,
        AlertRow[] others,
        DateTimeOffset now,
        CancellationToken cancellation)
    {
        const string Sql = $"""
            update alert_payments set alert_id = @AlertId where alert_id = any(@closed);
            update alerts set merged_into = @AlertId where merged_into = any(@closed);
            update alerts
            set state = 'closed', merged_into = @AlertId, closed_at = @now, version = version + 1,
                case_id = coalesce(@CaseId, case_id)
            where alert_id = any(@closed)
            returning {AlertRow.Columns};
            """;

        return (await connection.QueryAsync<AlertRow>(new CommandDefinition(
            Sql,
            new
            {
                into.AlertId,
                into.CaseId,
                closed = others.Select(row => row.AlertId).ToArray(),
                now = now.UtcDateTime,
            },
            cancellationToken: cancellation))).OrderBy(row => row.Position);
    }

    // A case that somebody works on stays, empty as it is: nobody's work goes away under his hands.
    private static async Task<IReadOnlyList<NewEvent>> MergeCasesAsync(
        NpgsqlConnection connection, Guid? into, Guid[] left, DateTimeOffset now, CancellationToken cancellation)
    {
        const string End = """
            update cases
            set state = 'merged', merged_into = @into, version = version + 1, changed_at = @now, locked_by = null,
                locked_until = null, snoozed_until = null
            where case_id = any(@left) and case_id <> @into and state in ('open', 'investigating')
                and coalesce(locked_until < @now, true)
                and not exists (select from alerts where alerts.case_id = cases.case_id)
            returning case_id, version, state
            """;
        const string Take = """
            update case_notes set case_id = @into where case_id = any(@ended);
            update cases set version = version + 1, changed_at = @now where case_id = @into
            returning case_id, version, state;
            """;

        var ended = (await connection.QueryAsync<CaseJoin.Row>(new CommandDefinition(
            End, new { into, left, now = now.UtcDateTime }, cancellationToken: cancellation))).AsList();
        if (ended.Count == 0)
        {
            return [];
        }

        var taken = await connection.QuerySingleAsync<CaseJoin.Row>(new CommandDefinition(
            Take,
            new { into, ended = ended.Select(row => row.CaseId).ToArray(), now = now.UtcDateTime },
            cancellationToken: cancellation));
        return [.. ended.Append(taken).Select(row => CaseJoin.EventOf(new CaseEvent
        {
            CaseId = row.CaseId,
            Version = row.Version,
            Change = CaseAction.Merge,
            State = row.State,
            OtherCaseId = row == taken ? ended[0].CaseId : taken.CaseId,
            At = now,
        }))];
    }
}

/// <summary>The alert of a campaign, and what others are told of those that went into it.</summary>
/// <param name="Open">With all that the others had.</param>
/// <param name="Merged">Updates of the others.</param>
/// <param name="Cases">What happened to cases.</param>
internal sealed record GatheredAlerts(AlertRow Open, IReadOnlyList<Told> Merged, IReadOnlyList<NewEvent> Cases);
