using Dapper;
using Ecom.Recommendation.Lists;
using Npgsql;

namespace Ecom.Recommendation.Storage;

/// <summary>Counts of table <c>product_days</c>, read as rankings.</summary>
internal sealed class PopularityStore(NpgsqlDataSource database)
{
    // An order says more than a cart, a cart more than a view.
    private const string Weight = "20 * orders + 5 * carts + views";

    // One more than RecommendationOptions.PopularDays may be: no setting brings older days back.
    private const int DaysKept = 366;
    private const int RowsAtOnce = 5_000;

    /// <summary>
    /// The products with most weight in the days before the newest event; products without events come last.
    /// </summary>
    public async Task<IReadOnlyList<ListItem>> ReadPopularAsync(int days, int count, CancellationToken cancellation)
    {
        const string Sql = $"""
            with newest as (select coalesce(max(day), current_date) as day from product_days)
            select products.product_id,
                   coalesce(sum({Weight}) filter (where d.day > newest.day - @days), 0)::float4 as score
            from products
            cross join newest
            left join product_days d on d.product_id = products.product_id
            where products.active
            group by products.product_id
            order by score desc, products.product_id
            limit @count
            """;

        return await ReadAsync(Sql, new { days, count }, cancellation);
    }

    /// <summary>
    /// The products whose last seven days most exceed what the three weeks before let expect, in standard deviations of
    /// a Poisson count.
    /// </summary>
    public async Task<IReadOnlyList<ListItem>> ReadTrendingAsync(int count, CancellationToken cancellation)
    {
        const string Sql = $"""
            with newest as (select max(day) as day from product_days),
            weeks as (
                select product_id,
                       coalesce(sum({Weight}) filter (where d.day > newest.day - 7), 0) as recent,
                       coalesce(sum({Weight}) filter (where d.day <= newest.day - 7), 0) / 3.0 as before
                from product_days d
                cross join newest
                where d.day > newest.day - 28
                group by product_id
            )
            select product_id, ((recent - before) / sqrt(before + 20))::float4 as score
            from weeks
            where recent > before
            order by score desc, product_id
            limit @count
            """;

        return await ReadAsync(Sql, new { count }, cancellation);
    }

    /// <summary>Deletes days that no ranking can reach any more, some thousand rows at most.</summary>
    public async Task<int> PruneAsync(CancellationToken cancellation)
    {
        const string Sql = """
            delete from product_days
            where ctid = any(array(
                select ctid from product_days
                where day < (select max(day) from product_days) - @DaysKept
                order by day
                limit @RowsAtOnce))
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.ExecuteAsync(
            new CommandDefinition(Sql, new { DaysKept, RowsAtOnce }, cancellationToken: cancellation));
    }

    private async Task<IReadOnlyList<ListItem>> ReadAsync(string sql, object parameters, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(
            new CommandDefinition(sql, parameters, cancellationToken: cancellation));
        return [.. rows.Select(row => new ListItem(row.ProductId, row.Score))];
    }

    private sealed record Row
    {
        public required string ProductId { get; init; }

        public required float Score { get; init; }
    }
}
