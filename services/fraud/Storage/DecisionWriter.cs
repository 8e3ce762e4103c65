using System.Diagnostics;
using Ecom.Contracts.Fraud;
using Ecom.Features.Online;
using Ecom.Fraud.Rings;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Stores decisions with all that follows from them, then counts their payments in Redis.</summary>
/// <remarks>Under the locks of the payments, on the connection that holds them.</remarks>
internal sealed class DecisionWriter(
    OnlineFeatures online,
    RingStore rings,
    VectorStore vectors,
    AlertWriter alerts,
    Outbox outbox,
    IOptions<FraudOptions> options,
    TimeProvider clock)
{
    /// <summary>
    /// Stores decisions: all that raise nothing and change no ring in one transaction and round trip, each other one in
    /// a transaction of its own, because of further locks. Each knows its alert afterwards.
    /// </summary>
    public async Task StoreAsync(
        NpgsqlConnection connection, IReadOnlyList<AskedPayment> round, CancellationToken cancellation)
    {
        var apart = round.ToLookup(asked => Raises(asked) || asked.Ring is { Changes: true });
        AskedPayment[] quiet = [.. apart[false]];
        if (quiet.Length > 0)
        {
            await using var batch = new NpgsqlBatch(connection);
            await AddAsync(batch, quiet, cancellation);
            outbox.Add(batch, [.. quiet.Select(asked => AlertWriter.Scored(asked.Decision!, asked.Trace?.Id))]);
            await batch.ExecuteNonQueryAsync(cancellation);
            Array.ForEach(quiet, asked => Measure(asked, raises: false));
        }

        foreach (var asked in apart[true])
        {
            var raises = Raises(asked);
            await StoreApartAsync(connection, asked, raises, cancellation);
            Measure(asked, raises);
        }
    }

    /// <summary>
    /// Counts those payments of a round that are not counted yet, as they came first, and gives the locks back.
    /// </summary>
    /// <remarks>
    /// The outcome has an id of its own: it may be known only at the second arrival. It is stored before it is
    /// counted, so that a crash in between leaves what the count job, and a rebuild, need.
    /// </remarks>
    public async Task CountAsync(
        NpgsqlConnection connection, IReadOnlyList<AskedPayment> round, CancellationToken cancellation)
    {
        var counted = new List<CountedPayment>();
        foreach (var asked in round)
        {
            if (await CountedPayment.OfAsync(connection, asked, cancellation) is { } payment)
            {
                counted.Add(payment);
            }
        }

        await using var batch = new NpgsqlBatch(connection);
        if (counted.Count > 0)
        {
            await online.ApplyAsync(CountedPayment.Fold(counted), cancellation);
            // A crash of the server may bring these rows back: they are counted again, which adds nothing.
            batch.Add($"select set_config('synchronous_commit', 'off', true), {Locks.OnePlan}");
            batch.Add(
                "delete from uncounted where payment_id = any($1)",
                new NpgsqlParameter<string[]> { TypedValue = [.. counted.Select(payment => payment.PaymentId)] });
        }

        Locks.Release(batch);
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    // What every decision writes, alert or not: what else belongs to its transaction goes in here.
    private async Task AddAsync(
        NpgsqlBatch batch, IReadOnlyList<AskedPayment> round, CancellationToken cancellation)
    {
        foreach (var asked in round)
        {
            var vector = await vectors.PackAsync(asked.Decision!.Vector, cancellation);
            DecisionInsert.Add(batch, asked.Payment, asked.Decision, vector);
        }

        rings.Note(batch, round.Select(asked => asked.Ring).OfType<RingPlan>());
    }

    private async Task StoreApartAsync(
        NpgsqlConnection connection, AskedPayment asked, bool raises, CancellationToken cancellation)
    {
        // What is written here belongs to the payment's trace, not to that of its group.
        Activity.Current = asked.Trace;
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (asked.Ring is { RingId: not null } ring)
        {
            // What is one alert depends on the ring: it must not change meanwhile.
            asked.Ring = await rings.HoldAsync(connection, ring, cancellation);
        }

        await using var batch = new NpgsqlBatch(connection);
        await AddAsync(batch, [asked], cancellation);
        if (!raises)
        {
            outbox.Add(batch, [AlertWriter.Scored(asked.Decision!, asked.Trace?.Id)]);
        }

        await batch.ExecuteNonQueryAsync(cancellation);
        var alertId = raises
            ? await alerts.RaiseAsync(connection, asked.Payment, asked.Decision!, asked.Ring, cancellation)
            : (Guid?)null;
        if (!raises)
        {
            await AlertWriter.FollowRingsAsync(connection, asked.Ring, cancellation);
        }

        await transaction.CommitAsync(cancellation);
        asked.Decide(asked.Decision! with { AlertId = alertId });
    }

    private bool Raises(AskedPayment asked) => asked.Decision!.Verdict != FraudDecision.Allow
        && !asked.Payment.Backfill
        && clock.GetUtcNow() - asked.Payment.AttemptedAt <= options.Value.LateAfter;

    private static void Measure(AskedPayment asked, bool raises)
    {
        var decision = asked.Decision!;
        var tag = new KeyValuePair<string, object?>(
            "ecom.fraud.decision", decision.Verdict.ToString().ToLowerInvariant());
        Telemetry.Decisions.Add(1, tag, new("ecom.fraud.arrival", decision.Arrival.ToString().ToLowerInvariant()));
        Telemetry.Alerts.Add(raises ? 1 : 0, tag);
        Telemetry.Fallbacks.Add(decision.Fallback is null ? 0 : 1);
        if (asked.Ring is { } ring)
        {
            Telemetry.Count(ring);
        }
    }
}
