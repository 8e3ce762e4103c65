using System.Text.Json;
using Dapper;
using Ecom.Fraud.Alerts;
using Ecom.Fraud.Cases;
using Ecom.Fraud.Payments;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Finds the case of a new alert, or opens one, in the transaction that raises the alert.</summary>
internal static class CaseJoin
{
    /// <summary>
    /// Joins the oldest active case of the same entity and reason, customer or device, or with an alert of one of the
    /// rings.
    /// </summary>
    /// <returns>The case, and the event to be logged; null if there is none to join.</returns>
    public static async Task<(Guid CaseId, NewEvent Event)?> JoinAsync(
        NpgsqlConnection connection,
        Guid alertId,
        Suspicion suspicion,
        CancellationToken cancellation)
    {
        const string Join = """
            update cases
            set version = version + 1, changed_at = @now
            where case_id = (
                select case_id from cases
                where state in ('open', 'investigating')
                    and (dedup_base = @DedupBase or customer_id = @CustomerId or device_id = @DeviceId
                        or case_id in (select case_id from alerts where ring_id = any(@Rings)))
                order by position
                limit 1
                for update)
            returning case_id, version, state
            """;

        return await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            Join, Of(suspicion), cancellationToken: cancellation)) is { } row
            ? Told(row, "joined", alertId, suspicion)
            : null;
    }

    /// <summary>
    /// Opens a case for the alert, after <see cref="EventLog.HoldAsync"/>: positions of cases are cursors too.
    /// </summary>
    public static async Task<(Guid CaseId, NewEvent Event)> OpenAsync(
        NpgsqlConnection connection,
        Guid alertId,
        Suspicion suspicion,
        CancellationToken cancellation)
    {
        const string Open = """
            insert into cases (case_id, dedup_base, customer_id, device_id, opened_at, changed_at)
            values (@caseId, @DedupBase, @CustomerId, @DeviceId, @now, @now)
            returning case_id, version, state
            """;

        var row = await connection.QuerySingleAsync<Row>(new CommandDefinition(
            Open, Of(suspicion), cancellationToken: cancellation));
        return Told(row, CaseAction.Open, alertId, suspicion);
    }

    /// <summary>An event of a case, to be logged.</summary>
    public static NewEvent EventOf(CaseEvent told) => new()
    {
        EventId = PaymentIds.CaseUpdate(told.CaseId, told.Version),
        CaseId = told.CaseId,
        Kind = told.Change switch
        {
            CaseAction.Open => EventKinds.CaseOpened,
            CaseAction.Close => EventKinds.CaseClosed,
            CaseAction.Reopen => EventKinds.CaseReopened,
            _ => EventKinds.CaseUpdated,
        },
        Version = told.Version,
        Body = JsonSerializer.Serialize(told, JsonSerializerOptions.Web),
        MadeBy = told.By,
        At = told.At,
    };

    private static object Of(Suspicion suspicion) => new
    {
        caseId = PaymentIds.Case(suspicion.Payment.PaymentId),
        suspicion.DedupBase,
        suspicion.Payment.CustomerId,
        suspicion.Payment.Source.DeviceId,
        suspicion.Rings,
        now = suspicion.Decision.DecidedAt.UtcDateTime,
    };

    private static (Guid CaseId, NewEvent Event) Told(Row row, string change, Guid alertId, Suspicion suspicion) =>
        (row.CaseId, EventOf(new CaseEvent
        {
            CaseId = row.CaseId,
            Version = row.Version,
            Change = change,
            State = row.State,
            AlertId = alertId,
            At = suspicion.Decision.DecidedAt,
        }));

    internal sealed record Row
    {
        public required Guid CaseId { get; init; }

        public required int Version { get; init; }

        public required string State { get; init; }
    }
}
