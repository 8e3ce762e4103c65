using System.Diagnostics;
using Dapper;
using Ecom.Contracts.Payments;
using Ecom.Features;
using Ecom.Features.Online;
using Ecom.Features.Payments;
using Ecom.Fraud.Payments;
using Ecom.Fraud.Rules;
using Ecom.Fraud.Scoring;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Online;
using Ecom.ServiceDefaults.Privacy;
using Ecom.ServiceDefaults.Storage;
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
/// <para>
/// Payments that wait at the same time are decided together, as far as they share none of these: one round trip to
/// PostgreSQL with all that is read, one to Redis, one with all that is written, one to Redis, and one that notes it.
/// Payments that share something keep their order. Requests do not wait for what the bus brings: they have groups of
/// their own. A group may be tried again, payment by payment: each finds what was stored of it.
/// </para>
/// </remarks>
internal sealed class DecisionStore
{
    private const int MostPayments = 64;
    private const int GroupsAtOnce = 2;
    private readonly NpgsqlDataSource _database;
    private readonly OnlineFeatures _online;
    private readonly Generations _generations;
    private readonly RedisEpoch _epochs;
    private readonly ErasedIds _erased;
    private readonly CurrentRules _rules;
    private readonly CurrentModels _models;
    private readonly CountryTable _countries;
    private readonly RingStore _rings;
    private readonly VectorStore _vectors;
    private readonly DecisionWriter _writer;
    private readonly TimeProvider _clock;
    private readonly MessageGroups<AskedPayment> _fromBus;
    private readonly MessageGroups<AskedPayment> _byRequest;

    public DecisionStore(
        NpgsqlDataSource database,
        OnlineFeatures online,
        Generations generations,
        RedisEpoch epochs,
        ErasedIds erased,
        CurrentRules rules,
        CurrentModels models,
        CountryTable countries,
        RingStore rings,
        VectorStore vectors,
        DecisionWriter writer,
        TimeProvider clock)
    {
        (_database, _online, _generations, _epochs) = (database, online, generations, epochs);
        (_erased, _rules, _models, _countries) = (erased, rules, models, countries);
        (_rings, _vectors, _writer, _clock) = (rings, vectors, writer, clock);
        _fromBus = Groups();
        _byRequest = Groups();

        MessageGroups<AskedPayment> Groups() =>
            new(MostPayments, DecideTogetherAsync, asked => asked.LockKeys, GroupsAtOnce);
    }

    /// <summary>The decision on a payment: a new one, or the one that was made when it came first.</summary>
    /// <remarks>A payment of an erased customer is judged without the customer, and nothing of it is kept.</remarks>
    public async Task<Decision> DecideAsync(
        PaymentAttempted payment, Arrival arrival, CancellationToken cancellation)
    {
        var began = _clock.GetTimestamp();
        using var span = StartSpan(payment);
        var asked = new AskedPayment(payment, arrival);
        await (arrival == Arrival.Bus ? _fromBus : _byRequest).WriteAsync(asked, cancellation);
        var decision = asked.Decision!;
        span?.SetTag("ecom.fraud.decision", decision.Verdict.ToString().ToLowerInvariant());
        span?.SetTag("ecom.fraud.score", decision.Score);
        Telemetry.AssessDuration.Record(_clock.GetElapsedTime(began).TotalSeconds);
        return decision;
    }

    /// <summary>Counts a payment that was decided and maybe not counted, under the same locks.</summary>
    public async Task CountAsync(PaymentAttempted payment, CancellationToken cancellation)
    {
        var asked = new AskedPayment(payment, Arrival.Bus);
        await using var connection = await _database.OpenConnectionAsync(cancellation);
        try
        {
            // Erased meanwhile, if it is gone.
            await ReadAsync(connection, [asked], cancellation);
            await _writer.CountAsync(connection, [asked], cancellation);
        }
        catch
        {
            await Locks.ReleaseAsync(connection);
            throw;
        }
    }

    /// <summary>A stored decision; null if the payment never came, or its customer was erased.</summary>
    public async Task<Decision?> FindAsync(string paymentId, CancellationToken cancellation)
    {
        const string Sql = $"select {DecisionRow.Columns} from decisions where payment_id = @paymentId";

        await using var connection = await _database.OpenConnectionAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<DecisionRow>(new CommandDefinition(
            Sql, new { paymentId }, cancellationToken: cancellation));
        return row?.ToDecision(await _vectors.ReadAsync(row.PackedVector, row.Vector, cancellation));
    }

    private static Activity? StartSpan(PaymentAttempted payment)
    {
        var span = Telemetry.Source.StartActivity("assess payment");
        span?.SetTag("ecom.payment.id", payment.PaymentId);
        span?.SetTag("ecom.order.id", payment.OrderId);
        span?.SetTag("ecom.customer.id", payment.CustomerId);
        return span;
    }

    private async Task DecideTogetherAsync(IReadOnlyList<AskedPayment> round, CancellationToken cancellation)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellation);
        try
        {
            await ReadAsync(connection, round, cancellation);
            AskedPayment[] undecided = [.. round.Where(asked => asked.Decision is null)];
            if (undecided.Length > 0)
            {
                await JudgeAsync(undecided, cancellation);
                await _writer.StoreAsync(
                    connection, [.. undecided.Where(asked => !asked.IsStrangers)], cancellation);
            }

            await _writer.CountAsync(connection, [.. round.Where(asked => !asked.IsStrangers)], cancellation);
        }
        catch
        {
            await Locks.ReleaseAsync(connection);
            throw;
        }
    }

    // Takes the locks and reads all that PostgreSQL knows around the payments, in one round trip: what else a decision
    // needs of it belongs into this batch, behind the locks.
    private async Task ReadAsync(
        NpgsqlConnection connection, IReadOnlyList<AskedPayment> round, CancellationToken cancellation)
    {
        const string Decided = $"select {DecisionRow.Columns} from decisions where payment_id = any($1)";

        var byId = round.ToDictionary(asked => asked.Payment.PaymentId);
        foreach (var asked in round)
        {
            asked.Take(null);
        }

        await using var batch = new NpgsqlBatch(connection);
        Locks.Hold(batch, round.SelectMany(asked => asked.LockKeys));
        batch.Add(Decided, new NpgsqlParameter<string[]> { TypedValue = [.. byId.Keys] });

        // A browser that an erased customer shared stays another customer's.
        var question = _erased.Ask(batch, round.Select(asked => asked.CustomerOrVisitor));
        var rings = _rings.Ask(batch, round);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.NextResultAsync(cancellation);
        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var row = reader.GetRowParser<DecisionRow>()(reader);
            var vector = await _vectors.ReadAsync(row.PackedVector, row.Vector, cancellation);
            byId[row.PaymentId].Take(row.ToDecision(vector));
        }

        await reader.NextResultAsync(cancellation);
        var gone = await question.ReadAsync(reader, cancellation);
        await reader.NextResultAsync(cancellation);
        var plans = await rings.ReadAsync(reader, cancellation);
        foreach (var asked in round)
        {
            asked.Ring = plans.GetValueOrDefault(asked.Payment.PaymentId);
        }

        foreach (var stranger in round.Where(asked =>
            asked.Decision is null && asked.CustomerOrVisitor is { } id && gone.Contains(id)))
        {
            Telemetry.Refused.Add(1);
            stranger.ForgetCustomer();
        }
    }

    // All that Redis knows around the payments, in one round trip; then each by itself.
    private async Task JudgeAsync(IReadOnlyList<AskedPayment> round, CancellationToken cancellation)
    {
        var active = _generations.Active;
        var store = _online.InGeneration(active.Number);
        var entities = round.Select(asked => PaymentVector.EntitiesOf(asked.Event)).ToArray();
        EntityKey[] all = [.. entities.SelectMany(keys => keys).Distinct()];
        var epoch = Task.FromResult<string?>(null);
        var read = await store.ReadAsync(all, cancellation, batch => epoch = _epochs.ReadAsync(batch));
        var states = all.Zip(read).ToDictionary();

        // Visitors are read after their customers, and so after the epoch.
        var seen = states.Values.Any(state => state.AnonymousIds.Count > 0) ? null : await epoch;
        seen ??= await _epochs.ReadAsync();

        // After the read: an epoch never comes back, so if it is still that of the generation, nothing was lost before.
        var isIntact = !active.IsLost && active.Epoch == seen;
        foreach (var (asked, keys) in round.Zip(entities))
        {
            asked.Decide(Judge(asked, [.. keys.Select(key => states[key])], isDegraded: !isIntact));
        }
    }

    private Decision Judge(AskedPayment asked, IReadOnlyList<EntityState> states, bool isDegraded)
    {
        var payment = asked.Payment;
        var vector = PaymentVector.Of(asked.Event, states, _rings.FeaturesOf(asked.Ring), _countries);
        var inForce = _rules.Now;
        var texts = PaymentFacts.TextsOf(payment);
        var now = StoredTime.Of(_clock.GetUtcNow());
        var serving = _models.Now;
        var amount = payment.Amount.BaseAmount;
        var champion = serving.Fallback is null ? serving.Champion?.Assess(vector, serving.Policy, amount) : null;
        var facts = new PaymentFacts
        {
            Vector = vector,
            Texts = texts,
            Opinion = champion?.Opinion,
            Listed = inForce.Lists.HitsOf(texts, now),
        };
        var verdict = Judgement.Of(inForce.Active.Judge(facts), champion);
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
            Opinion = facts.Opinion,
            Policy = champion is null ? null : serving.Policy.Version,
            Fallback = serving.Fallback,
            Challenger = serving.Challenger?.Assess(vector, serving.Policy, amount).Opinion,
            Texts = texts,
            Listed = facts.Listed,
            Shadow = inForce.ShadowsOf(facts),
            Arrival = asked.Arrival,
            Backfill = payment.Backfill,
            Degraded = isDegraded,
            Succeeded = payment.Succeeded,
            AttemptedAt = payment.AttemptedAt,
            DecidedAt = now,
            TraceId = asked.Trace?.TraceId.ToHexString(),
        };
    }
}
