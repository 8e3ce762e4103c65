using Dapper;
using Ecom.Contracts.Orders;
using Npgsql;

namespace Ecom.Forecasting.Storage;

/// <summary>What was sold: tables <c>order_lines</c> and <c>cancelled_orders</c>.</summary>
internal sealed class SalesStore(NpgsqlDataSource database)
{
    /// <summary>Adds an order's lines; lines that are there already stay as they are.</summary>
    public async Task AddAsync(OrderPlaced order, CancellationToken cancellation)
    {
        const string Sql = """
            insert into order_lines (order_id, product_id, day, units, revenue)
            select @OrderId, product_id, @Day, units, revenue
            from unnest(@Products, @Units, @Revenues) as line (product_id, units, revenue)
            on conflict (order_id, product_id) do nothing
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                order.OrderId,
                Day = DateOnly.FromDateTime(order.PlacedAt.UtcDateTime),
                Products = order.Lines.Select(line => line.ProductId).ToArray(),
                Units = order.Lines.Select(line => line.Quantity).ToArray(),
                Revenues = order.Lines.Select(line => line.Quantity * line.UnitPrice.BaseAmount).ToArray(),
            },
            cancellationToken: cancellation));
    }

    /// <summary>Notes that an order is void, whether its lines are here already or come later.</summary>
    public async Task CancelAsync(string orderId, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            "insert into cancelled_orders (order_id) values (@orderId) on conflict do nothing",
            new { orderId },
            cancellationToken: cancellation));
    }

    /// <summary>The newest day with a sale; null before the first.</summary>
    public async Task<DateOnly?> ReadNewestDayAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.ExecuteScalarAsync<DateOnly?>(new CommandDefinition(
            "select max(day) from order_lines", cancellationToken: cancellation));
    }

    /// <summary>
    /// Daily sales, up to a day, of the products after a cursor, by product id, that sold since a day. Sales of later
    /// days
    /// may arrive meanwhile; they belong to the next run.
    /// </summary>
    public async Task<IReadOnlyList<ProductSales>> ReadAsync(
        string after, DateOnly soldSince, DateOnly from, DateOnly to, int count, CancellationToken cancellation)
    {
        const string Sql = """
            with chosen as (
                select distinct product_id from order_lines
                where product_id > @after and day between @SoldSince and @To
                  and not exists (select from cancelled_orders c where c.order_id = order_lines.order_id)
                order by product_id
                limit @count
            ), daily as (
                select product_id, day, sum(units) as units
                from order_lines
                join chosen using (product_id)
                where day between @From and @To
                  and not exists (select from cancelled_orders c where c.order_id = order_lines.order_id)
                group by product_id, day
            )
            select product_id, array_agg(day order by day) as days, array_agg(units order by day) as units
            from daily
            group by product_id
            order by product_id
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<ProductSales>(new CommandDefinition(
            Sql,
            new
            {
                after,
                count,
                SoldSince = soldSince,
                From = from,
                To = to,
            },
            cancellationToken: cancellation));
        return rows.AsList();
    }
}
