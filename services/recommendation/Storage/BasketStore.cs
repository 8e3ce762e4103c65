using Dapper;
using Npgsql;

namespace Ecom.Recommendation.Storage;

/// <summary>Baskets and what is bought together: tables <c>baskets</c> and <c>bought_together</c>.</summary>
internal sealed class BasketStore(NpgsqlDataSource database)
{
    private const int DaysKept = 366;
    private const int RowsAtOnce = 5_000;

    /// <summary>Writes baskets within the transaction that records their orders.</summary>
    public static Task AddAsync(
        NpgsqlConnection connection, IReadOnlyCollection<Basket> baskets, CancellationToken cancellation)
    {
        // An array of arrays would have to be rectangular: products are joined by a sign that no id holds.
        const string Sql = """
            insert into baskets (day, products)
            select day, string_to_array(products, e'\n') from unnest(@Days, @Products) as b(day, products)
            """;

        return baskets.Count == 0 ? Task.CompletedTask : connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                Days = baskets.Select(basket => basket.Day.ToDateTime(TimeOnly.MinValue)).ToArray(),
                Products = baskets.Select(basket => string.Join('\n', basket.Products)).ToArray(),
            },
            cancellationToken: cancellation));
    }

    /// <summary>The newest basket, and the newest one that the stored counts know; 0 for none.</summary>
    public async Task<(long Newest, long Counted)> ReadNewestAsync(CancellationToken cancellation)
    {
        const string Sql = """
            select coalesce((select max(number) from baskets), 0) as newest,
                   coalesce((select newest_basket from bought_together), 0) as counted
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleAsync<(long, long)>(new CommandDefinition(
            Sql, cancellationToken: cancellation));
    }

    /// <summary>The products of the newest baskets within some days before the newest of all.</summary>
    /// <param name="days">The days.</param>
    /// <param name="largest">Baskets with more products are passed over.</param>
    /// <param name="count">Most baskets.</param>
    /// <param name="cancellation">Cancels it.</param>
    public async Task<IReadOnlyList<string[]>> ReadBasketsAsync(
        int days, int largest, int count, CancellationToken cancellation)
    {
        const string Sql = """
            select products from baskets
            where day > (select max(day) from baskets) - @days and cardinality(products) <= @largest
            order by day desc, number desc
            limit @count
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<BasketRow>(new CommandDefinition(
            Sql, new { days, largest, count }, cancellationToken: cancellation));
        return [.. rows.Select(row => row.Products)];
    }

    /// <summary>Stores the counts of all pairs.</summary>
    public async Task WriteTogetherAsync(long newestBasket, byte[] model, CancellationToken cancellation)
    {
        const string Sql = """
            insert into bought_together (newest_basket, model) values (@newestBasket, @model)
            on conflict (only_row) do update set newest_basket = excluded.newest_basket, model = excluded.model
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Sql, new { newestBasket, model }, cancellationToken: cancellation));
    }

    /// <summary>The stored counts, if they are not those of a newest basket that the caller knows.</summary>
    public async Task<(long NewestBasket, byte[] Model)?> ReadTogetherAsync(
        long known, CancellationToken cancellation)
    {
        const string Sql = "select newest_basket, model from bought_together where newest_basket <> @known";

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<TogetherRow>(new CommandDefinition(
            Sql, new { known }, cancellationToken: cancellation));
        return row is null ? null : (row.NewestBasket, row.Model);
    }

    /// <summary>Deletes baskets that no counting can reach any more, some thousand rows at most.</summary>
    public async Task PruneAsync(CancellationToken cancellation)
    {
        const string Sql = """
            delete from baskets
            where ctid = any(array(
                select ctid from baskets
                where day < (select max(day) from baskets) - @DaysKept
                order by day
                limit @RowsAtOnce))
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Sql, new { DaysKept, RowsAtOnce }, cancellationToken: cancellation));
    }

    private sealed record BasketRow
    {
        public required string[] Products { get; init; }
    }

    private sealed record TogetherRow
    {
        public required long NewestBasket { get; init; }

        public required byte[] Model { get; init; }
    }
}

/// <summary>The products of an order, each once.</summary>
internal sealed record Basket(DateOnly Day, IReadOnlyCollection<string> Products);
