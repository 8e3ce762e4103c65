using System.Text.Json;
using Dapper;
using Ecom.Contracts.Catalogue;
using Npgsql;

namespace Ecom.Ingestion.Storage;

/// <summary>
/// The catalogue master: table products. A product's version grows with each change and with nothing else.
/// </summary>
internal static class ProductStore
{
    /// <summary>Writes products, each id once, in the open transaction.</summary>
    /// <returns>
    /// By product id: the version and event of its last change, which is an older one if nothing changed.
    /// </returns>
    public static async Task<IReadOnlyDictionary<string, ProductVersion>> WriteAsync(
        NpgsqlConnection connection, IReadOnlyCollection<ProductChanged> products, CancellationToken cancellation)
    {
        const string Sql = """
            with incoming as (
                select * from unnest(@Ids, @EventIds, @Names, @Brands, @Categories, @Prices, @Currencies, @Stocks,
                        @Actives, @ChangedAt, @Froms, @Untils, @Attributes)
                    as i (product_id, event_id, name, brand, category, price_minor, price_currency, stock, active,
                        changed_at, available_from, available_until, attributes)
            ),
            changed as (
                insert into products as p (product_id, version, event_id, name, brand, category, price_minor,
                    price_currency, stock, active, changed_at, available_from, available_until, attributes)
                select product_id, 1, event_id, name, brand, category, price_minor, price_currency, stock, active,
                    changed_at, available_from, available_until, attributes::jsonb
                from incoming order by product_id
                on conflict (product_id) do update
                set version = p.version + 1, event_id = excluded.event_id, name = excluded.name,
                    brand = excluded.brand, category = excluded.category, price_minor = excluded.price_minor,
                    price_currency = excluded.price_currency, stock = excluded.stock, active = excluded.active,
                    changed_at = excluded.changed_at, available_from = excluded.available_from,
                    available_until = excluded.available_until, attributes = excluded.attributes
                where (p.name, p.brand, p.category, p.price_minor, p.price_currency, p.stock, p.active,
                        p.available_from, p.available_until, p.attributes)
                    is distinct from (excluded.name, excluded.brand, excluded.category, excluded.price_minor,
                        excluded.price_currency, excluded.stock, excluded.active, excluded.available_from,
                        excluded.available_until, excluded.attributes)
                returning p.product_id, p.version, p.event_id
            )
            select product_id, version, event_id from changed
            union all
            select p.product_id, p.version, p.event_id from products p join incoming using (product_id)
            where product_id not in (select product_id from changed)
            """;

        var rows = await connection.QueryAsync<ProductVersion>(new CommandDefinition(
            Sql,
            new
            {
                Ids = products.Select(p => p.ProductId).ToArray(),
                EventIds = products.Select(p => p.EventId).ToArray(),
                Names = products.Select(p => p.Name).ToArray(),
                Brands = products.Select(p => p.Brand).ToArray(),
                Categories = products.Select(p => p.Category).ToArray(),
                Prices = products.Select(p => p.Price?.Amount).ToArray(),
                Currencies = products.Select(p => p.Price?.Currency).ToArray(),
                Stocks = products.Select(p => p.Stock).ToArray(),
                Actives = products.Select(p => p.Active).ToArray(),
                ChangedAt = products.Select(p => p.ChangedAt).ToArray(),
                Froms = products.Select(p => p.AvailableFrom).ToArray(),
                Untils = products.Select(p => p.AvailableUntil).ToArray(),
                Attributes = products
                    .Select(p => p.Attributes is null ? null : JsonSerializer.Serialize(p.Attributes)).ToArray(),
            },
            cancellationToken: cancellation));
        return rows.ToDictionary(row => row.ProductId);
    }
}

/// <summary>A product's last change.</summary>
internal sealed record ProductVersion
{
    public required string ProductId { get; init; }

    public required long Version { get; init; }

    public required Guid EventId { get; init; }
}
