using System.Diagnostics;
using Dapper;
using Ecom.Contracts;
using Ecom.Contracts.Fraud;
using Ecom.Contracts.Payments;
using Ecom.Fraud.Alerts;
using Ecom.Fraud.Payments;
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

    /// <summary>The message that announces a decision.</summary>
    /// <param name="decision">The decision.</param>
    /// <param name="traceParent">Trace to publish it in; null starts none.</param>
    public static OutboxMessage Scored(Decision decision, string? traceParent) =>
        new(PaymentIds.Scored(decision.PaymentId), ScoredOf(decision), traceParent);

    /// <summary>Announces a decision that a person should see, in the current trace.</summary>
    /// <param name="connection">With the open transaction that stores the decision.</param>
    /// <param name="payment">The payment.</param>
    /// <param name="decision">The decision on it.</param>
    /// <param name="cancellation">Ends the write.</param>
    /// <returns>The alert that the payment is in.</returns>
    public async Task<Guid> RaiseAsync(
        NpgsqlConnection connection,
        PaymentAttempted payment,
        Decision decision,
        CancellationToken cancellation)
    {
        var traceParent = Activity.Current is { Recorded: true } current ? current.Id : null;
        var scored = Scored(decision, traceParent);
        var dedupBase = AlertKey.BaseOf(payment, decision.Reasons, _options.Entities);
        await connection.ExecuteAsync(new CommandDefinition(
            "select pg_advisory_xact_lock(@key)",
            new { key = Locks.KeyOf($"alert:{dedupBase}") },
            cancellationToken: cancellation));
        var open = await FindOpenAsync(connection, dedupBase, payment.AttemptedAt, cancellation);
        if (open is null)
        {
            return await RaiseNewAsync(connection, payment, decision, scored, dedupBase, traceParent, cancellation);
        }

        var told = await JoinAsync(connection, open, payment, decision, cancellation);
        await NotePaymentAsync(connection, open.AlertId, payment, cancellation);
        await EventLog.AddAsync(connection, [told.Event], cancellation);
        await outbox.AddAsync(connection, [scored, told.Message], cancellation);
        return open.AlertId;
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
        NpgsqlConnection connection,
        PaymentAttempted payment,
        Decision decision,
        OutboxMessage scored,
        string dedupBase,
        string? traceParent,
        CancellationToken cancellation)
    {
        var alert = AlertOf(payment, decision, dedupBase);
        var (caseId, joined) = await CaseJoin.JoinAsync(
            connection, alert.AlertId, dedupBase, payment, decision.DecidedAt, cancellation);
        alert = alert with { CaseId = caseId };
        var told = Told.Of(alert, traceParent);
        await EventLog.HoldAsync(connection, cancellation);
        await InsertAsync(connection, alert, dedupBase, told.Event.Body, cancellation);
        await NotePaymentAsync(connection, alert.AlertId, payment, cancellation);
        await EventLog.AddAsync(connection, [told.Event, joined], cancellation);
        await outbox.AddAsync(connection, [scored, told.Message], cancellation);
        return alert.AlertId;
    }

    private async Task<Told> JoinAsync(
        NpgsqlConnection connection,
        AlertRow open,
        PaymentAttempted payment,
        Decision decision,
        CancellationToken cancellation)
    {
        const string Sql = $"""
            update alerts
            set severity = @severity, decision = @hardest, score = @score, occurrences = occurrences + 1,
                base_amount = @amount, version = version + 1, last_at = greatest(last_at, @at),
                reason_codes = array(select distinct unnest(reason_codes || @codes))
            where alert_id = @AlertId
            returning {AlertRow.Columns}
            """;

        var known = Enum.Parse<FraudDecision>(open.Decision);
        var hardest = decision.Verdict > known ? decision.Verdict : known;
        var score = Math.Max(open.Score, decision.Score);
        var amount = open.BaseAmount + payment.Amount.BaseAmount;
        var urgency = Severity.Of(hardest, score, open.Occurrences + 1, amount, _options);
        var isEscalated = urgency > open.Urgency;
        var now = await connection.QuerySingleAsync<AlertRow>(new CommandDefinition(
            Sql,
            new
            {
                open.AlertId,
                severity = (short)(isEscalated ? urgency : open.Urgency),
                hardest = hardest.ToString(),
                score,
                amount,
                at = payment.AttemptedAt.UtcDateTime,
                codes = decision.Reasons.Select(reason => reason.Code).ToArray(),
            },
            cancellationToken: cancellation));
        await EventLog.HoldAsync(connection, cancellation);
        var change = isEscalated ? AlertChange.Escalated : AlertChange.Occurred;
        return Told.Of(now.ToUpdate(change, decision.DecidedAt) with
        {
            PaymentId = decision.PaymentId,
            Reasons = decision.Reasons,
        });
    }

    private FraudAlertRaised AlertOf(PaymentAttempted payment, Decision decision, string dedupBase) => new()
    {
        AlertId = PaymentIds.Alert(decision.PaymentId),
        PaymentId = decision.PaymentId,
        OrderId = decision.OrderId,
        CustomerId = decision.CustomerId,
        Decision = decision.Verdict,
        Score = decision.Score,
        Amount = decision.Amount,
        Reasons = decision.Reasons,
        RaisedAt = decision.DecidedAt,
        TraceId = decision.TraceId,
        DedupKey = AlertKey.Of(dedupBase, payment.AttemptedAt),
        Severity = Severity.Of(decision.Verdict, decision.Score, 1, payment.Amount.BaseAmount, _options),
        Entities = new FraudEntities
        {
            CustomerId = payment.CustomerId,
            CardHash = payment.CardHash,
            DeviceId = payment.Source.DeviceId,
            IpHash = payment.Source.IpHash,
        },
        AmountAtRisk = new Money
        {
            Amount = payment.Amount.BaseAmount,
            Currency = payment.Amount.BaseCurrency,
            BaseAmount = payment.Amount.BaseAmount,
            BaseCurrency = payment.Amount.BaseCurrency,
        },
        OccurredAt = payment.AttemptedAt,
        DecidedBy = decision.DecidedBy,
        ModelVersion = decision.Opinion?.Version,
        Fallback = decision.Fallback,
        Degraded = decision.Degraded,
    };

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
                base_amount, base_currency, reason_codes, customer_id, device_id, card_hash, case_id)
            values (
                @AlertId, @PaymentId, @body, @RaisedAt, @dedupBase, @OccurredAt, @OccurredAt, @Severity, @Decision,
                @Score, @BaseAmount, @BaseCurrency, @Codes, @CustomerId, @DeviceId, @CardHash,
                @CaseId)
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
