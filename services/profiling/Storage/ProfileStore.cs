using Dapper;
using Ecom.ServiceDefaults.Messaging;
using Npgsql;

namespace Ecom.Profiling.Storage;

/// <summary>Profiles computed from the tables, and the segment of each customer.</summary>
internal sealed class ProfileStore(NpgsqlDataSource database, Outbox outbox)
{
    private const string Compute = """
        select c.customer_id, c.country, c.registered_at, c.segment, c.segment_version, c.segment_since, c.last_seen_at,
               c.views, c.carts, coalesce(o.orders, 0)::int as orders, coalesce(o.spent, 0)::bigint as spent,
               coalesce(r.refunded, 0)::bigint as refunded, o.first_order_at, o.last_order_at,
               floor(extract(epoch from (select max(placed_at) from orders) - o.last_order_at) / 86400)::int
                   as recency_days
        from customers c
        left join lateral (
            select count(*) as orders, sum(spent) as spent, min(placed_at) as first_order_at,
                   max(placed_at) as last_order_at
            from orders
            where orders.customer_id = c.customer_id
              and not exists (select from cancelled_orders x where x.order_id = orders.order_id)
        ) o on true
        left join lateral (
            select sum(amount) as refunded from refunds where refunds.customer_id = c.customer_id
        ) r on true
        """;

    /// <summary>
    /// Computes a profile and lets <paramref name="keep"/> put it where it is served from. The row stays locked
    /// meanwhile, so that neither a newer profile nor an erasure is overwritten.
    /// </summary>
    /// <returns>Null for a customer that nothing is known of.</returns>
    public async Task<CustomerProfile?> FindAsync(
        string customerId, Func<IReadOnlyList<CustomerProfile>, Task> keep, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var found = await connection.QuerySingleOrDefaultAsync<CustomerProfile>(new CommandDefinition(
            Compute + " where c.customer_id = @customerId for share of c",
            new { customerId },
            cancellationToken: cancellation));
        if (found is not null)
        {
            await keep([found]);
        }

        await transaction.CommitAsync(cancellation);
        return found;
    }

    /// <summary>
    /// Makes a batch of changed profiles anew: <paramref name="assign"/> gives each its segment,
    /// <paramref name="keep"/>
    /// puts them where they are served from, then the marks are cleared and changes announced, all or nothing.
    /// </summary>
    /// <param name="after">Customer id behind which the batch begins; empty text for the first.</param>
    /// <param name="visits">Whether profiles that only a visit has changed are made anew too.</param>
    /// <param name="count">Most profiles of the batch.</param>
    /// <param name="assign">Gives a profile its segment.</param>
    /// <param name="keep">Puts profiles where they are served from.</param>
    /// <param name="announce">What is told of the batch.</param>
    /// <param name="cancellation">Ends the work; nothing of the batch is done then.</param>
    /// <returns>The customers of the batch, in order of their ids.</returns>
    public async Task<IReadOnlyList<string>> RefreshAsync(
        string after,
        bool visits,
        int count,
        Func<CustomerProfile, CustomerProfile> assign,
        Func<IReadOnlyList<CustomerProfile>, Task> keep,
        Func<IReadOnlyList<ProfileChange>, IEnumerable<object>> announce,
        CancellationToken cancellation)
    {
        const string Claim = """
            select customer_id, live from customers
            where (changed or (@visits and seen)) and customer_id > @after
            order by customer_id limit @count
            for update skip locked
            """;
        const string Save = """
            update customers
            set changed = false, seen = false, live = false, segment = s.segment, segment_version = s.version,
                segment_since = s.since
            from unnest(@Customers, @Segments, @Versions, @Since) as s (customer_id, segment, version, since)
            where customers.customer_id = s.customer_id
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var rows = (await connection.QueryAsync<Claimed>(new CommandDefinition(
            Claim, new { after, visits, count }, cancellationToken: cancellation))).AsList();
        var claimed = rows.ToDictionary(row => row.CustomerId, row => row.Live);
        if (claimed.Count == 0)
        {
            return [];
        }

        var before = (await connection.QueryAsync<CustomerProfile>(new CommandDefinition(
            Compute + " where c.customer_id = any(@Ids)",
            new { Ids = claimed.Keys.ToArray() },
            cancellationToken: cancellation))).AsList();
        var made = before.ConvertAll(profile => assign(profile));
        await keep(made);
        await connection.ExecuteAsync(new CommandDefinition(
            Save,
            new
            {
                Customers = made.Select(profile => profile.CustomerId).ToArray(),
                Segments = made.Select(profile => profile.Segment).ToArray(),
                Versions = made.Select(profile => profile.SegmentVersion).ToArray(),
                Since = made.Select(profile => profile.SegmentSince).ToArray(),
            },
            cancellationToken: cancellation));
        var changes = before.Zip(made, (old, now) => new ProfileChange(old, now, claimed[old.CustomerId])).ToArray();
        var messages = announce(changes)
            .Select(message => new OutboxMessage(Guid.CreateVersion7(), message))
            .ToArray();
        await outbox.AddAsync(connection, messages, cancellation);
        await transaction.CommitAsync(cancellation);
        return [.. rows.Select(row => row.CustomerId)];
    }

    private sealed record Claimed
    {
        public required string CustomerId { get; init; }

        public required bool Live { get; init; }
    }
}

/// <summary>A profile before and after it was made anew.</summary>
/// <param name="Before">Before, with the segment of then.</param>
/// <param name="After">After.</param>
/// <param name="IsLive">Whether something happened in the shop that others may act on.</param>
internal sealed record ProfileChange(CustomerProfile Before, CustomerProfile After, bool IsLive);
