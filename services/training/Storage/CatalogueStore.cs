using Dapper;
using Ecom.Contracts.Catalogue;
using Ecom.Training.Data;
using Npgsql;

namespace Ecom.Training.Storage;

/// <summary>What a model may know of a product that nobody has touched: table <c>products</c>.</summary>
internal sealed class CatalogueStore(NpgsqlDataSource database)
{
    public async Task UpsertAsync(ProductChanged product, CancellationToken cancellation)
    {
        const string Sql = """
            insert into products (product_id, version, name, brand, category, price, active)
            values (@ProductId, @Version, @Name, @Brand, @Category, @Price, @Active)
            on conflict (product_id) do update
            set version = excluded.version, name = excluded.name, brand = excluded.brand,
                category = excluded.category, price = excluded.price, active = excluded.active
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
                product.Brand,
                product.Category,
                Price = product.Price?.BaseAmount,
                product.Active,
            },
            cancellationToken: cancellation));
    }

    /// <summary>Every product, by id.</summary>
    public async Task<IReadOnlyList<CatalogueProduct>> ListAsync(CancellationToken cancellation)
    {
        const string Sql = """
            select product_id, name, brand, category, price, active
            from products
            order by product_id collate "C"
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var products = await connection.QueryAsync<CatalogueProduct>(
            new CommandDefinition(Sql, cancellationToken: cancellation));
        return products.AsList();
    }
}
