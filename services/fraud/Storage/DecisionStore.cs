using System.Diagnostics;
using Dapper;
using Ecom.Contracts.Fraud;
using Ecom.Contracts.Payments;
using Ecom.Features;
using Ecom.Features.Online;
using Ecom.Features.Payments;
using Ecom.Fraud.Payments;
using Ecom.Fraud.Rules;
using Ecom.ServiceDefaults.Online;
using Ecom.ServiceDefaults.Privacy;
using Ecom.ServiceDefaults.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Decides each payment once, however often and on whatever ways it comes.</summary>
/// <remarks>
/// <para>
/// Under locks on the payment and on its card, device, address and customer: read what is remembered, judge, store
/// decision, alert and messages in one transaction, then count the payment in Redis. Who comes second finds the row.
/// </para>
/// <para>
/// Redis comes after the commit, so that no vector ever holds its own payment. A crash in between leaves a decision
/// that is not counted: the payment's next arrival, or the count job, counts it under the same id.
/// </para>
/// </remarks>
internal sealed class DecisionStore(
    NpgsqlDataSource database,
    OnlineFeatures online,
    Generations generations,
    RedisEpoch epochs,
    ErasedIds erased,
    CurrentRules rules,
    AlertWriter alerts,
    IOptions<FraudOptions> options,
    TimeProvider clock)
{
    /// <summary>The decision on a payment: a new one, or the one that was made when it came first.</summary>
    /// <remarks>A payment of an erased customer is judged without the customer, and nothing of it is kept.</remarks>
    public async Task<Decision> DecideAsync(
        PaymentAttempted payment, Arrival arrival, CancellationToken cancellation)
    {
        var began = clock.GetTimestamp();
        using var span = StartSpan(payment);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var shopEvent = PaymentVector.EventOf(payment);
        await Locks.HoldAsync(
            connection, payment.PaymentId, PaymentVector.LockedOf(shopEvent), cancellation);
        try
        {
            var decision = await DecideLockedAsync(connection, payment, shopEvent, arrival, cancellation);
            span?.SetTag("ecom.fraud.decision", decision.Verdict.ToString().ToLowerInvariant());
            span?.SetTag("ecom.fraud.score", decision.Score);
            Telemetry.AssessDuration.Record(clock.GetElapsedTime(began).TotalSeconds);
            return decision;
        }
        finally
        {
            await Locks.ReleaseAsync(connection);
        }
    }

    /// <summary>Counts a payment that was decided and maybe not counted, under the same locks.</summary>
    public async Task CountAsync(PaymentAttempted payment, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var shopEvent = PaymentVector.EventOf(payment);
        await Locks.HoldAsync(
            connection, payment.PaymentId, PaymentVector.LockedOf(shopEvent), cancellation);
        try
        {
            // Erased meanwhile, if it is gone.
            if (await FindAsync(connection, payment.PaymentId, cancellation) is { } decision)
            {
                await CountAsync(connection, decision, shopEvent, cancellation);
            }
        }
        finally
        {
            await Locks.ReleaseAsync(connection);
        }
    }

    /// <summary>A stored decision; null if the payment never came, or its customer was erased.</summary>
    public async Task<Decision?> FindAsync(string paymentId, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await FindAsync(connection, paymentId, cancellation);
    }

    private static Activity? StartSpan(PaymentAttempted payment)
    {
        var span = Telemetry.Source.StartActivity("assess payment");
        span?.SetTag("ecom.payment.id", payment.PaymentId);
        span?.SetTag("ecom.order.id", payment.OrderId);
        span?.SetTag("ecom.customer.id", payment.CustomerId);
        return span;
    }

    private async Task<Decision> DecideLockedAsync(
        NpgsqlConnection connection,
        PaymentAttempted payment,
        ShopEvent shopEvent,
        Arrival arrival,
        CancellationToken cancellation)
    {
        var decision = await FindAsync(connection, payment.PaymentId, cancellation);
        if (decision is null)
        {
            // A browser that an erased customer shared stays another customer's.
            var gone = await erased.FindAsync(
                connection, [payment.CustomerId ?? payment.AnonymousId], cancellation);
            if (gone.Count > 0)
            {
                Telemetry.Refused.Add(1);
                var stranger = payment with { CustomerId = null, AnonymousId = null };
                return await JudgeAsync(stranger, PaymentVector.EventOf(stranger), arrival, cancellation);
            }

            decision = await JudgeAsync(payment, shopEvent, arrival, cancellation);
            decision = await StoreAsync(connection, payment, shopEvent, decision, cancellation);
        }
        else if (!decision.AttemptCounted || (!decision.OutcomeCounted && payment.Succeeded is not null))
        {
            // Counted as it came first, whatever the second arrival says: a rebuild knows no other.
            var first = await PaymentLedger.ReadAsync(connection, payment.PaymentId, cancellation);
            shopEvent = PaymentVector.EventOf(first with { Succeeded = first.Succeeded ?? payment.Succeeded });
        }

        await CountAsync(connection, decision, shopEvent, cancellation);
        return decision;
    }

    private static async Task<Decision?> FindAsync(
        NpgsqlConnection connection, string paymentId, CancellationToken cancellation)
    {
        const string Sql = $"select {DecisionRow.Columns} from decisions where payment_id = @paymentId";

        var row = await connection.QuerySingleOrDefaultAsync<DecisionRow>(new CommandDefinition(
            Sql, new { paymentId }, cancellationToken: cancellation));
        return row?.ToDecision();
    }

    private async Task<Decision> JudgeAsync(
        PaymentAttempted payment, ShopEvent shopEvent, Arrival arrival, CancellationToken cancellation)
    {
        var store = online.Active;
        var states = await store.ReadAsync(PaymentVector.EntitiesOf(shopEvent), cancellation);
        var isDegraded = !await IsIntactAsync(store.Generation);
        var vector = PaymentVector.Of(shopEvent, states);
        var inForce = rules.Now;
        var texts = PaymentFacts.TextsOf(payment);
        var now = NowAsStored();
        var facts = new PaymentFacts
        {
            Vector = vector,
            Texts = texts,
            Listed = inForce.Lists.HitsOf(texts, now),
        };
        var verdict = inForce.Active.Judge(facts);
        return new Decision
        {
            PaymentId = payment.PaymentId,
            OrderId = payment.OrderId,
            CustomerId = payment.CustomerId,
            Amount = payment.Amount,
            Verdict = verdict.Decision,
            Score = verdict.Score,
            Reasons = verdict.Reasons,
            DecidedBy = inForce.Active.Version,
            Vector = vector,
            Texts = texts,
            Listed = facts.Listed,
            Shadow = inForce.ShadowsOf(facts),
            Arrival = arrival,
            Backfill = payment.Backfill,
            Degraded = isDegraded,
            Succeeded = payment.Succeeded,
            AttemptedAt = payment.AttemptedAt,
            DecidedAt = now,
            TraceId = Activity.Current is { Recorded: true } current ? current.TraceId.ToHexString() : null,
        };
    }

    // After the read: an epoch never comes back, so if it is still that of the generation, nothing was lost before.
    private async Task<bool> IsIntactAsync(int generation) =>
        generations.Active is { IsLost: false } active
        && active.Number == generation
        && active.Epoch == await epochs.ReadAsync();

    // The database keeps microseconds: whoever gets the fresh decision and whoever gets the stored one must get the
    // same.
    private DateTimeOffset NowAsStored()
    {
        var now = clock.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    private async Task<Decision> StoreAsync(
        NpgsqlConnection connection,
        PaymentAttempted payment,
        ShopEvent shopEvent,
        Decision decision,
        CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await DecisionInsert.RunAsync(connection, payment, decision, cancellation);
        await FeatureWriter.NoteSightingsAsync(connection, FeatureWriter.SightingsOf(shopEvent), cancellation);
        var isLate = clock.GetUtcNow() - payment.AttemptedAt > options.Value.LateAfter;
        var raises = decision.Verdict != FraudDecision.Allow && !payment.Backfill && !isLate;
        var alertId = await alerts.AnnounceAsync(connection, payment, decision, raises, cancellation);
        await transaction.CommitAsync(cancellation);
        var tag = new KeyValuePair<string, object?>(
            "ecom.fraud.decision", decision.Verdict.ToString().ToLowerInvariant());
        Telemetry.Decisions.Add(
            1, tag, new("ecom.fraud.arrival", decision.Arrival.ToString().ToLowerInvariant()));
        Telemetry.Alerts.Add(raises ? 1 : 0, tag);
        return decision with { AlertId = alertId };
    }

    // The outcome has an id of its own: it may be known only at the second arrival. It is stored before it is counted,
    // so that a crash in between leaves what the count job, and a rebuild, need.
    private async Task CountAsync(
        NpgsqlConnection connection, Decision decision, ShopEvent shopEvent, CancellationToken cancellation)
    {
        const string Note = """
            update decisions set succeeded = @outcome where payment_id = @PaymentId and succeeded is null
            """;
        const string Sql = """
            update decisions
            set attempt_counted = true, outcome_counted = outcome_counted or @hasOutcome
            where payment_id = @PaymentId
            """;

        var outcome = decision.Succeeded ?? shopEvent.Succeeded;
        var hasOutcome = outcome is not null && !decision.OutcomeCounted;
        if (decision.AttemptCounted && !hasOutcome)
        {
            return;
        }

        if (hasOutcome && decision.Succeeded is null)
        {
            await connection.ExecuteAsync(new CommandDefinition(
                Note, new { decision.PaymentId, outcome }, cancellationToken: cancellation));
        }

        var attempt = decision.AttemptCounted
            ? []
            : FraudFeatures.Attempts.Fold(PaymentIds.Attempt(decision.PaymentId), [shopEvent]);
        var said = hasOutcome
            ? FraudFeatures.Outcomes.Fold(
                PaymentIds.Outcome(decision.PaymentId), [shopEvent with { Succeeded = outcome }])
            : [];
        await online.ApplyAsync([.. attempt, .. said], cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Sql, new { decision.PaymentId, hasOutcome }, cancellationToken: cancellation));
    }
}
