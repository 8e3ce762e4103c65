using Ecom.Features;
using Ecom.Fraud.Rings;
using Ecom.ServiceDefaults.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>
/// Reads what is around payments, and ties their customers to others in the transaction of the decision.
/// </summary>
/// <remarks>
/// <para>
/// The locks of a payment keep its own links and customer as they are from read to write. Rings may change meanwhile by
/// other payments; so whoever changes one waits for all others that do, and looks again.
/// </para>
/// <para>
/// Order: the lock of the rings, customers by id, ties; alerts and cases come after. Who writes rows of customers
/// without the lock writes those of its own payments only, in the order of ids, and no row of customers after a tie: so
/// nobody waits in a circle.
/// </para>
/// </remarks>
internal sealed class RingStore(IOptions<FraudOptions> options, TimeProvider clock)
{
    private readonly RingOptions _options = options.Value.Rings;

    /// <summary>The features of a plan, or of none.</summary>
    public double[] FeaturesOf(RingPlan? plan) => RingFeatures.Of(plan, _options.Window);

    /// <summary>Adds to a batch: what would payments, that share no lock, do to the rings?</summary>
    /// <returns>Reads the answer, when the reader stands before it.</returns>
    public RingQuestion Ask(NpgsqlBatch batch, IEnumerable<AskedPayment> round) => RingQuestion.Ask(
        batch,
        [.. round.Select(asked => RingPayment.Of(asked.Payment, _options)).OfType<RingPayment>()],
        _options);

    /// <summary>
    /// Keeps rings as they are until the open transaction ends, and plans again: others may have changed them.
    /// </summary>
    public async Task<RingPlan> HoldAsync(NpgsqlConnection connection, RingPlan plan, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        Locks.HoldRings(batch);
        var question = RingQuestion.Ask(batch, [plan.Payment], _options);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.NextResultAsync(cancellation);
        return (await question.ReadAsync(reader, cancellation))[plan.Payment.PaymentId];
    }

    /// <summary>Adds to a batch: customers paid, with what. A plan that changes rings needs their lock.</summary>
    public void Note(NpgsqlBatch batch, IEnumerable<RingPlan> plans)
    {
        RingPlan[] noted = [.. plans];
        if (noted.Length == 0)
        {
            return;
        }

        NoteCustomers(batch, noted);
        NoteTies(batch, noted);
        foreach (var plan in noted.Where(plan => plan.Changes))
        {
            Unite(batch, plan);
        }
    }

    private static void NoteCustomers(NpgsqlBatch batch, RingPlan[] plans)
    {
        const string Sql = """
            insert into ring_customers (customer_id, first_at, last_at)
            select customer_id, at, at from unnest($1, $2) as paid (customer_id, at)
            order by customer_id collate "C"
            on conflict (customer_id) do update
            set first_at = least(ring_customers.first_at, excluded.first_at),
                last_at = greatest(ring_customers.last_at, excluded.last_at)
            """;

        batch.Add(
            Sql,
            new NpgsqlParameter<string[]> { TypedValue = [.. plans.Select(plan => plan.Payment.Customer)] },
            new NpgsqlParameter<DateTime[]> { TypedValue = [.. plans.Select(plan => plan.Payment.At.UtcDateTime)] });
    }

    // An old tie that ties no more begins anew; one that still does goes on to hold.
    private void NoteTies(NpgsqlBatch batch, RingPlan[] plans)
    {
        const string Sql = """
            insert into ring_ties (kind, entity, customer_id, binds, first_at, last_at, noted_at)
            select kind, entity, customer_id, binds, at, at, $6
            from unnest($1, $2, $3, $4, $5) as paid (kind, entity, customer_id, binds, at)
            on conflict (kind, entity, customer_id) do update
            set binds = excluded.binds or (ring_ties.binds and ring_ties.last_at > excluded.last_at
                    - case excluded.kind when 'Ip' then $8 else $7 end),
                first_at = least(ring_ties.first_at, excluded.first_at),
                last_at = greatest(ring_ties.last_at, excluded.last_at),
                noted_at = excluded.noted_at
            """;

        var ties = plans.SelectMany(plan => plan.Payment.Links.Zip(plan.Binds), (plan, link) =>
            (Link: link.First, plan.Payment.Customer, Binds: link.Second, plan.Payment.At)).ToArray();
        batch.Add(
            Sql,
            new NpgsqlParameter<string[]> { TypedValue = [.. ties.Select(tie => tie.Link.Kind.ToString())] },
            new NpgsqlParameter<string[]> { TypedValue = [.. ties.Select(tie => tie.Link.Id)] },
            new NpgsqlParameter<string[]> { TypedValue = [.. ties.Select(tie => tie.Customer)] },
            new NpgsqlParameter<bool[]> { TypedValue = [.. ties.Select(tie => tie.Binds)] },
            new NpgsqlParameter<DateTime[]> { TypedValue = [.. ties.Select(tie => tie.At.UtcDateTime)] },
            new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime },
            new NpgsqlParameter<TimeSpan> { TypedValue = _options.Window },
            new NpgsqlParameter<TimeSpan> { TypedValue = _options.WindowOf(EntityKind.Ip) });
    }

    private static void Unite(NpgsqlBatch batch, RingPlan plan)
    {
        const string Form = """
            insert into rings (ring_id, customers, formed_at, grown_at) values ($1, 0, $2, $2)
            on conflict (ring_id) do nothing
            """;
        const string Lock = """
            select from ring_customers where customer_id = any($1) or ring_id = any($2)
            order by customer_id collate "C"
            for update
            """;
        const string Move = """
            update ring_customers set ring_id = $1, joined_at = coalesce(joined_at, $2)
            where customer_id = any($3) or ring_id = any($4)
            """;
        const string Absorb = """
            update rings set customers = 0, merged_into = $1 where ring_id = any($2) or merged_into = any($2)
            """;
        const string Grow = """
            update rings
            set customers = (select count(*) from ring_customers where ring_customers.ring_id = rings.ring_id),
                position = nextval('ring_positions'), grown_at = greatest(grown_at, $2)
            where ring_id = $1
            """;

        batch.Add(Form, Id(), At());
        batch.Add(Lock, Joining(), Absorbed());
        batch.Add(Move, Id(), At(), Joining(), Absorbed());
        batch.Add(Absorb, Id(), Absorbed());
        batch.Add(Grow, Id(), At());

        NpgsqlParameter<Guid> Id() => new() { TypedValue = plan.RingId!.Value };

        NpgsqlParameter<DateTime> At() => new() { TypedValue = plan.Payment.At.UtcDateTime };

        NpgsqlParameter<string[]> Joining() => new() { TypedValue = [.. plan.Joining] };

        NpgsqlParameter<Guid[]> Absorbed() => new() { TypedValue = [.. plan.Absorbed] };
    }
}
