using System.Diagnostics;
using Dapper;
using Ecom.Contracts.Fraud;
using Ecom.Contracts.Payments;
using Ecom.Fraud.Alerts;
using Ecom.Fraud.Payments;
using Ecom.Fraud.Rings;
using Ecom.ServiceDefaults.Messaging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>
/// Announces a decision; raises its alert or adds it to an open one, in the transaction that stores it.
/// </summary>
/// <remarks>
/// Payments of one entity and reason wait for each other here, over all replicas, so that of two at once the second
/// finds the first one's alert.
/// </remarks>
internal sealed class AlertWriter(Outbox outbox, IOptions<FraudOptions> options)
{
    private readonly AlertOptions _options = options.Value.Alerts;
    private readonly RingOptions _rings = options.Value.Rings;

    /// <summary>The message that announces a decision.</summary>
    /// <param name="decision">The decision.</param>
    /// <param name="traceParent">Trace to publish it in; null starts none.</param>
    public static OutboxMessage Scored(Decision decision, string? traceParent) =>
        new(PaymentIds.Scored(decision.PaymentId), ScoredOf(decision), traceParent);

    /// <summary>Announces a decision that a person should see, in the current trace.</summary>
    /// <param name="connection">With the open transaction that stores the decision.</param>
    /// <param name="payment">The payment.</param>
    /// <param name="decision">The decision on it.</param>
    /// <param name="ring">What the payment did to the rings; null if nothing ties it.</param>
    /// <param name="cancellation">Ends the write.</param>
    /// <returns>The alert that the payment is in.</returns>
    public async Task<Guid> RaiseAsync(
        NpgsqlConnection connection,
        PaymentAttempted payment,
        Decision decision,
        RingPlan? ring,
        CancellationToken cancellation)
    {
        var campaign = Campaign.Of(ring, _rings);
        var suspicion = new Suspicion
        {
            Payment = payment,
            Decision = decision,
            Campaign = campaign,
            DedupBase = campaign is { RingId: var id }
                ? AlertKey.OfRing(id)
                : AlertKey.BaseOf(payment, decision.Reasons, _options.Entities),
            Ring = ring,
            TraceParent = Activity.Current is { Recorded: true } current ? current.Id : null,
        };
        var scored = Scored(decision, suspicion.TraceParent);
        await connection.ExecuteAsync(new CommandDefinition(
            "select pg_advisory_xact_lock(@key)",
            new { key = Locks.KeyOf($"alert:{suspicion.DedupBase}") },
            cancellationToken: cancellation));
        var open = await FindOpenAsync(connection, suspicion, cancellation);
        if (open is null)
        {
            return await RaiseNewAsync(connection, suspicion, scored, cancellation);
        }

        var alertId = open.Open.AlertId;
        var told = await JoinAsync(connection, open.Open, suspicion, cancellation);
        await NotePaymentAsync(connection, alertId, payment, cancellation);
        await EventLog.AddAsync(
            connection, [told.Event, .. open.Merged.Select(one => one.Event), .. open.Cases], cancellation);
        await outbox.AddAsync(
            connection, [scored, told.Message, .. open.Merged.Select(one => one.Message)], cancellation);
        return alertId;
    }

    /// <summary>
    /// Alerts of rings that went into another one are that one's from now on. No case may be locked after it.
    /// </summary>
    public static Task FollowRingsAsync(
        NpgsqlConnection connection, RingPlan? ring, CancellationToken cancellation)
    {
        const string Sql = """
            update alerts
            set ring_id = @ringId, dedup_base = case when dedup_base like 'ring:%' then @key else dedup_base end
            where alert_id in (
                select alert_id from alerts where ring_id = any(@absorbed) order by position for update)
            """;

        return ring is { RingId: { } ringId, Absorbed: { Count: > 0 } absorbed }
            ? connection.ExecuteAsync(new CommandDefinition(
                Sql,
                new { ringId, key = AlertKey.OfRing(ringId), absorbed = absorbed.ToArray() },
                cancellationToken: cancellation))
            : Task.CompletedTask;
    }

    private static PaymentScored ScoredOf(Decision decision) => new()
    {
        PaymentId = decision.PaymentId,
        Decision = decision.Verdict,
        Score = decision.Score,
        Reasons = decision.Reasons,
        DecidedBy = decision.DecidedBy,
        ScoredAt = decision.DecidedAt,
        ModelVersion = decision.Opinion?.Version,
        Fallback = decision.Fallback,
    };

    private async Task<GatheredAlerts?> FindOpenAsync(
        NpgsqlConnection connection, Suspicion suspicion, CancellationToken cancellation)
    {
        if (suspicion.Campaign is not null)
        {
            return await CampaignAlerts.GatherAsync(connection, suspicion, _rings.CampaignWindow, cancellation);
        }

        var at = suspicion.Payment.AttemptedAt;
        return await FindOpenAsync(connection, suspicion.DedupBase, at, cancellation) is { } open
            ? new GatheredAlerts(open, [], [])
            : null;
    }

    // Of several the one whose window began closest: a payment may come late.
    private async Task<AlertRow?> FindOpenAsync(
        NpgsqlConnection connection, string dedupBase, DateTimeOffset at, CancellationToken cancellation)
    {
        const string Sql = $"""
            select {AlertRow.Columns} from alerts
            where dedup_base = @dedupBase and state = 'open' and window_start > @from and window_start < @to
            order by abs(extract(epoch from window_start - @at))
            limit 1
            for update
            """;

        return await connection.QuerySingleOrDefaultAsync<AlertRow>(new CommandDefinition(
            Sql,
            new
            {
                dedupBase,
                at = at.UtcDateTime,
                from = (at - _options.DedupWindow).UtcDateTime,
                to = (at + _options.DedupWindow).UtcDateTime,
            },
            cancellationToken: cancellation));
    }

    private async Task<Guid> RaiseNewAsync(
        NpgsqlConnection connection, Suspicion suspicion, OutboxMessage scored, CancellationToken cancellation)
    {
        var alert = suspicion.ToAlert(_options);
        var joined = await CaseJoin.JoinAsync(connection, alert.AlertId, suspicion, cancellation);
        await HoldEventsAsync(connection, suspicion, cancellation);
        var (caseId, noted) = joined
            ?? await CaseJoin.OpenAsync(connection, alert.AlertId, suspicion, cancellation);
        alert = alert with { CaseId = caseId };
        var told = Told.Of(alert, suspicion.TraceParent);
        await InsertAsync(connection, alert, suspicion.DedupBase, told.Event.Body, cancellation);
        await NotePaymentAsync(connection, alert.AlertId, suspicion.Payment, cancellation);
        await EventLog.AddAsync(connection, [told.Event, noted], cancellation);
        await outbox.AddAsync(connection, [scored, told.Message], cancellation);
        return alert.AlertId;
    }

    private async Task<Told> JoinAsync(
        NpgsqlConnection connection, AlertRow open, Suspicion suspicion, CancellationToken cancellation)
    {
        const string Sql = $"""
            update alerts
            set severity = @severity, decision = @hardest, score = @score, occurrences = @occurrences,
                base_amount = @amount, version = version + 1, last_at = greatest(@LastAt, @at),
                reason_codes = array(select distinct unnest(@codes)), dedup_base = @DedupBase,
                ring_id = coalesce(@ringId, ring_id), ring_customers = coalesce(@ringCustomers, ring_customers)
            where alert_id = @AlertId
            returning {AlertRow.Columns}
            """;

        var (payment, decision) = (suspicion.Payment, suspicion.Decision);
        var known = Enum.Parse<FraudDecision>(open.Decision);
        var hardest = decision.Verdict > known ? decision.Verdict : known;
        var score = Math.Max(open.Score, decision.Score);
        var (occurrences, amount) = (open.Occurrences + 1, open.BaseAmount + payment.Amount.BaseAmount);
        var urgency = Severity.Of(hardest, score, occurrences, amount, _options);
        var isEscalated = urgency > open.Urgency;
        var now = await connection.QuerySingleAsync<AlertRow>(new CommandDefinition(
            Sql,
            new
            {
                open.AlertId,
                severity = (short)(isEscalated ? urgency : open.Urgency),
                hardest = hardest.ToString(),
                score,
                occurrences,
                amount,
                LastAt = open.LastAt.UtcDateTime,
                at = payment.AttemptedAt.UtcDateTime,
                codes = decision.Reasons.Select(reason => reason.Code).Concat(open.ReasonCodes).ToArray(),
                suspicion.DedupBase,
                ringId = suspicion.Campaign?.RingId,
                ringCustomers = suspicion.Campaign?.Customers.Count,
            },
            cancellationToken: cancellation));
        await HoldEventsAsync(connection, suspicion, cancellation);
        var change = isEscalated ? AlertChange.Escalated : AlertChange.Occurred;
        return Told.Of(now.ToUpdate(change, decision.DecidedAt) with
        {
            PaymentId = decision.PaymentId,
            Reasons = decision.Reasons,
        });
    }

    private static async Task HoldEventsAsync(
        NpgsqlConnection connection, Suspicion suspicion, CancellationToken cancellation)
    {
        await FollowRingsAsync(connection, suspicion.Ring, cancellation);

        await EventLog.HoldAsync(connection, cancellation);
    }

    private static Task InsertAsync(
        NpgsqlConnection connection,
        FraudAlertRaised alert,
        string dedupBase,
        string body,
        CancellationToken cancellation)
    {
        const string Sql = """
            insert into alerts (
                alert_id, payment_id, body, raised_at, dedup_base, window_start, last_at, severity, decision, score,
                base_amount, base_currency, reason_codes, customer_id, device_id, card_hash, case_id,
                ring_id, ring_customers)
            values (
                @AlertId, @PaymentId, @body, @RaisedAt, @dedupBase, @OccurredAt, @OccurredAt, @Severity, @Decision,
                @Score, @BaseAmount, @BaseCurrency, @Codes, @CustomerId, @DeviceId, @CardHash,
                @CaseId, @RingId, @RingCustomers)
            """;

        return connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                alert.AlertId,
                alert.PaymentId,
                body,
                RaisedAt = alert.RaisedAt.UtcDateTime,
                dedupBase,
                OccurredAt = alert.OccurredAt!.Value.UtcDateTime,
                Severity = (short)alert.Severity!.Value,
                Decision = alert.Decision.ToString(),
                alert.Score,
                alert.AmountAtRisk!.BaseAmount,
                alert.AmountAtRisk.BaseCurrency,
                Codes = alert.Reasons.Select(reason => reason.Code).ToArray(),
                alert.CustomerId,
                alert.Entities!.DeviceId,
                alert.Entities.CardHash,
                alert.CaseId,
                alert.RingId,
                alert.RingCustomers,
            },
            cancellationToken: cancellation));
    }

    private static Task NotePaymentAsync(
        NpgsqlConnection connection, Guid alertId, PaymentAttempted payment, CancellationToken cancellation)
    {
        const string Sql = """
            insert into alert_payments (payment_id, alert_id, base_amount, occurred_at)
            values (@PaymentId, @alertId, @BaseAmount, @at)
            """;

        return connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new { payment.PaymentId, alertId, payment.Amount.BaseAmount, at = payment.AttemptedAt.UtcDateTime },
            cancellationToken: cancellation));
    }
}
