using Dapper;
using Ecom.Contracts.Catalogue;
using Npgsql;

namespace Ecom.Recommendation.Storage;

/// <summary>What recommendations need to know of a product: table <c>products</c>. The highest version wins.</summary>
internal sealed class CatalogueStore(NpgsqlDataSource database)
{
    public async Task UpsertAsync(ProductChanged product, CancellationToken cancellation)
    {
        const string Sql = """
            insert into products (
                product_id, version, name, brand, category, price, currency, stock, active,
                available_from, available_until, attributes)
            values (@ProductId, @Version, @Name, @Brand, @Category, @Price, @Currency, @Stock, @Active,
                @AvailableFrom, @AvailableUntil, @Attributes)
            on conflict (product_id) do update
            set version = excluded.version, name = excluded.name, brand = excluded.brand, category = excluded.category,
                price = excluded.price, currency = excluded.currency, stock = excluded.stock, active = excluded.active,
                available_from = excluded.available_from, available_until = excluded.available_until,
                attributes = excluded.attributes, updated_at = clock_timestamp()
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
                Currency = product.Price?.BaseCurrency,
                product.Stock,
                product.Active,
                product.AvailableFrom,
                product.AvailableUntil,
                Attributes = (product.Attributes ?? new Dictionary<string, string>())
                    .Select(one => $"{one.Key}:{one.Value}").ToArray(),
            },
            cancellationToken: cancellation));
    }

    /// <summary>Products changed since a moment of the database's clock, and that clock now.</summary>
    public async Task<(IReadOnlyList<CatalogueProduct> Changed, DateTimeOffset Now)> ReadChangedAsync(
        DateTimeOffset since, CancellationToken cancellation)
    {
        const string Sql = """
            select product_id, version, name, brand, category, price, currency, stock, active,
                   available_from, available_until, attributes
            from products
            where updated_at >= @since
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var now = await connection.ExecuteScalarAsync<DateTime>(new CommandDefinition(
            "select clock_timestamp()", cancellationToken: cancellation));
        var changed = await connection.QueryAsync<CatalogueProduct>(new CommandDefinition(
            Sql, new { since }, cancellationToken: cancellation));
        return (changed.AsList(), new DateTimeOffset(now));
    }
}

/// <summary>A product as recommendations see it.</summary>
internal sealed record CatalogueProduct
{
    public required string ProductId { get; init; }

    /// <summary>Grows with each change of the product.</summary>
    public required long Version { get; init; }

    public required string Name { get; init; }

    public string? Brand { get; init; }

    /// <summary>Path, levels separated by " / "; null if unknown.</summary>
    public string? Category { get; init; }

    /// <summary>List price in minor units of the shop's base currency; null if unknown.</summary>
    public long? Price { get; init; }

    /// <summary>Currency of the price, ISO 4217.</summary>
    public string? Currency { get; init; }

    /// <summary>Units on hand; null is unknown, which is not zero.</summary>
    public int? Stock { get; init; }

    public required bool Active { get; init; }

    /// <summary>From when it is sold, inclusive; null is no beginning.</summary>
    public DateTimeOffset? AvailableFrom { get; init; }

    /// <summary>Until when it is sold, exclusive; null is no end.</summary>
    public DateTimeOffset? AvailableUntil { get; init; }

    /// <summary>What else describes it, as "name:value".</summary>
    public string[] Attributes { get; init; } = [];

    /// <summary>Whether it may be shown, on the days on which it is sold.</summary>
    public bool CanBeSold => Active && Stock is not 0;
}
