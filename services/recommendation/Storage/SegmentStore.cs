using Dapper;
using Ecom.Recommendation.Lists;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Privacy;
using Npgsql;

namespace Ecom.Recommendation.Storage;

/// <summary>
/// Which segment each customer is in, and what its customers want: tables <c>segments</c>, <c>visitor_segments</c>.
/// </summary>
internal sealed class SegmentStore(NpgsqlDataSource database, ErasedIds erased)
{
    // A list must not tell what one or two people bought.
    private const int FewestCustomers = 3;

    /// <summary>Notes the segments of customers; what was told last of each counts.</summary>
    /// <param name="message">The message that tells them.</param>
    /// <param name="segments">Segment by customer id; null is none.</param>
    /// <param name="at">When they came into them.</param>
    /// <param name="cancellation">Cancels it.</param>
    /// <returns>
    /// Visitors whose segment is another one now; of a redelivered message all: it may have been interrupted after
    /// this.
    /// </returns>
    public async Task<IReadOnlyCollection<string>> AssignAsync(
        InboxEntry message,
        IReadOnlyDictionary<string, string?> segments,
        DateTimeOffset at,
        CancellationToken cancellation)
    {
        const string Sql = """
            insert into segments (name)
            select distinct name from unnest(@Names) as told (name)
            where name is not null and not exists (select from segments known where known.name = told.name)
            on conflict (name) do nothing;
            with before as (
                select visitor, segment from visitor_segments where visitor = any(@Visitors)
            ),
            noted as (
                insert into visitor_segments (visitor, segment, changed_at)
                select told.visitor, segments.number, @at
                from unnest(@Visitors, @Names) as told (visitor, name)
                left join segments on segments.name = told.name
                order by told.visitor
                on conflict (visitor) do update set segment = excluded.segment, changed_at = excluded.changed_at
                where visitor_segments.changed_at <= excluded.changed_at
                returning visitor, segment
            )
            select visitor
            from noted
            left join before using (visitor)
            where noted.segment is distinct from before.segment
            """;

        var visitors = segments.ToDictionary(one => Visitor.Customer(one.Key), one => one.Value);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (!await message.TryRecordAsync(connection, cancellation))
        {
            return visitors.Keys;
        }

        var gone = await erased.FindAsync(connection, visitors.Keys, cancellation);
        var kept = visitors.Where(one => !gone.Contains(one.Key)).ToArray();
        var changed = await connection.QueryAsync<string>(new CommandDefinition(
            Sql,
            new
            {
                Visitors = kept.Select(one => one.Key).ToArray(),
                Names = kept.Select(one => one.Value).ToArray(),
                at,
            },
            cancellationToken: cancellation));
        await transaction.CommitAsync(cancellation);
        return changed.AsList();
    }

    /// <summary>
    /// What most customers of each segment want, of what they touched in the days before the newest event: a purchase
    /// counts more than a cart, a cart more than a look, as for everybody.
    /// </summary>
    public async Task<IReadOnlyList<SegmentItems>> ReadPopularAsync(
        int days, int count, CancellationToken cancellation)
    {
        const string Sql = """
            with wanted as (
                select s.segment, v.product_id,
                       sum(case when v.bought then 20 when v.cart_at is not null then 5 else 1 end)::float4 as score
                from visitor_segments s
                join visitor_products v on v.visitor = s.visitor
                join products p on p.product_id = v.product_id
                where p.active and not v.hidden and s.segment <= @MostSegments
                  and v.last_at >= (select max(day) - @days + 1 from product_days)::timestamp at time zone 'utc'
                group by s.segment, v.product_id
                having count(*) >= @FewestCustomers
            ),
            ranked as (
                select wanted.*, row_number() over (partition by segment order by score desc, product_id) as place
                from wanted
            )
            select segments.number, segments.name, ranked.product_id, ranked.score
            from ranked
            join segments on segments.number = ranked.segment
            where ranked.place <= @count
            order by segments.number, ranked.place
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            Sql,
            new { days, count, FewestCustomers, MostSegments = (int)byte.MaxValue },
            cancellationToken: cancellation));
        return
        [
            .. rows.GroupBy(row => (row.Number, row.Name)).Select(segment => new SegmentItems(
                (byte)segment.Key.Number,
                segment.Key.Name,
                [.. segment.Select(row => new ListItem(row.ProductId, row.Score))])),
        ];
    }

    private sealed record Row
    {
        public required int Number { get; init; }

        public required string Name { get; init; }

        public required string ProductId { get; init; }

        public required float Score { get; init; }
    }
}
