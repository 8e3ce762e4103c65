using Ecom.Features;
using Ecom.Fraud.Rings;
using Ecom.ServiceDefaults.Storage;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Payments of which it is asked what is stored around them, as much as limits let through.</summary>
internal sealed class RingQuestion
{
    // A customer with more devices and cards than this is seen with its last ones.
    private const int MostLinks = 50;

    // Ties first, so that whoever many share brings in nobody; then customers with their rings; then what these have.
    private const string Sql = """
        with link as (
            select * from unnest($1, $2, $3, $4, $5) as link (kind, entity, since, until, most)
        ), tie as materialized (
            select link.kind, link.entity, link.most, near.customer_id, near.binds
            from link cross join lateral (
                select customer_id, binds from ring_ties
                where ring_ties.kind = link.kind and ring_ties.entity = link.entity
                    and last_at > link.since and first_at < link.until
                limit link.most + 1) as near
        ), near as materialized (
            select unnest($6) as customer_id
            union
            select customer_id
            from (select customer_id, most, count(*) over (partition by kind, entity) as many from tie) as counted
            where many <= most
        ), ring as materialized (
            select distinct ring_id from ring_customers
            where customer_id in (select customer_id from near) and ring_id is not null
        ), member as materialized (
            select * from ring_customers where ring_id in (select ring_id from ring)
            union all
            select * from ring_customers where customer_id in (select customer_id from near) and ring_id is null
        )
        select 'tie', customer_id, kind, entity, binds, null::uuid, null::timestamptz, null::timestamptz,
            null::timestamptz
        from tie
        union all
        select 'member', customer_id, null, null, null, ring_id, first_at, last_at, joined_at from member
        union all
        select 'link', member.customer_id, has.kind, has.entity, null, null, null, has.last_at, null
        from member cross join lateral (
            select kind, entity, last_at from ring_ties
            where ring_ties.customer_id = member.customer_id and kind in ('Device', 'Card') and last_at > $7
            order by last_at desc, kind, entity
            limit $8) as has
        """;

    private readonly RingPayment[] _payments;
    private readonly RingOptions _options;

    private RingQuestion(RingPayment[] payments, RingOptions options) => (_payments, _options) = (payments, options);

    /// <summary>Adds the question to a batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="payments">Payments that share no link and no customer.</param>
    /// <param name="options">Limits.</param>
    public static RingQuestion Ask(NpgsqlBatch batch, RingPayment[] payments, RingOptions options)
    {
        var links = payments.SelectMany(paid => paid.Links, (paid, link) => (paid.At, Link: link)).ToArray();
        batch.Add(
            Sql,
            new NpgsqlParameter<string[]> { TypedValue = [.. links.Select(link => link.Link.Kind.ToString())] },
            new NpgsqlParameter<string[]> { TypedValue = [.. links.Select(link => link.Link.Id)] },
            new NpgsqlParameter<DateTime[]> { TypedValue = [.. links.Select(link => Away(link, -1))] },
            new NpgsqlParameter<DateTime[]> { TypedValue = [.. links.Select(link => Away(link, 1))] },
            new NpgsqlParameter<int[]> { TypedValue = [.. links.Select(link => options.MostOf(link.Link.Kind))] },
            new NpgsqlParameter<string[]> { TypedValue = [.. payments.Select(payment => payment.Customer)] },
            new NpgsqlParameter<DateTime>
            {
                TypedValue = payments.Length == 0
                    ? DateTime.UnixEpoch
                    : (payments.Min(payment => payment.At) - options.Window).UtcDateTime,
            },
            new NpgsqlParameter<int> { TypedValue = MostLinks });
        return new RingQuestion(payments, options);

        DateTime Away((DateTimeOffset At, EntityKey Link) link, int way) =>
            (link.At + (way * options.WindowOf(link.Link.Kind))).UtcDateTime;
    }

    /// <summary>Reads the result of the question, and no other.</summary>
    /// <returns>What each payment, by its id, would do.</returns>
    public async Task<IReadOnlyDictionary<string, RingPlan>> ReadAsync(
        NpgsqlDataReader reader, CancellationToken cancellation)
    {
        var ties = new List<RingTie>();
        var members = new List<RingMember>();
        var links = new List<(string Customer, EntityKey Link, DateTimeOffset LastAt)>();
        while (await reader.ReadAsync(cancellation))
        {
            var customer = reader.GetString(1);
            switch (reader.GetString(0))
            {
                case "tie":
                    ties.Add(new RingTie(LinkOf(reader), customer, reader.GetBoolean(4)));
                    break;
                case "member":
                    members.Add(MemberOf(reader, customer));
                    break;
                default:
                    links.Add((customer, LinkOf(reader), reader.GetFieldValue<DateTimeOffset>(7)));
                    break;
            }
        }

        var linksOf = links.ToLookup(link => link.Customer, link => (link.Link, link.LastAt));
        var around = new RingSurroundings(
            ties, members.Select(member => member with { Links = [.. linksOf[member.CustomerId]] }));
        return _payments.ToDictionary(
            payment => payment.PaymentId, payment => RingPlan.Of(payment, around, _options));
    }

    private static EntityKey LinkOf(NpgsqlDataReader reader) =>
        new(Enum.Parse<EntityKind>(reader.GetString(2)), reader.GetString(3));

    private static RingMember MemberOf(NpgsqlDataReader reader, string customer) => new()
    {
        CustomerId = customer,
        RingId = reader.IsDBNull(5) ? null : reader.GetGuid(5),
        FirstAt = reader.GetFieldValue<DateTimeOffset>(6),
        LastAt = reader.GetFieldValue<DateTimeOffset>(7),
        JoinedAt = reader.IsDBNull(8) ? null : reader.GetFieldValue<DateTimeOffset>(8),
    };
}
