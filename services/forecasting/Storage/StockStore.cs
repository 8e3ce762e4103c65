using Dapper;
using Ecom.Contracts.Catalogue;
using Npgsql;

namespace Ecom.Forecasting.Storage;

/// <summary>Names and stock: table <c>products</c>. The highest version wins.</summary>
internal sealed class StockStore(NpgsqlDataSource database)
{
    public async Task UpsertAsync(ProductChanged product, CancellationToken cancellation)
    {
        const string Sql = """
            insert into products (product_id, version, name, active, stock, stock_live)
            values (@ProductId, @Version, @Name, @Active, @Stock, @Live)
            on conflict (product_id) do update
            set version = excluded.version, name = excluded.name, active = excluded.active, stock = excluded.stock,
                stock_live = excluded.stock_live, updated_at = clock_timestamp()
            where products.version < excluded.version
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                product.ProductId,
                product.Version,
                product.Name,
                product.Active,
                product.Stock,
                Live = !product.Backfill,
            },
            cancellationToken: cancellation));
    }
}
