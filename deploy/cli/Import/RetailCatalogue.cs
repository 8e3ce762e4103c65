using System.Text.Json;
using Ecom.Simulator;

namespace Ecom.Cli.Import;

/// <summary>Derives a catalogue from order lines: one product for each code that was sold.</summary>
internal static class RetailCatalogue
{
    // A noun that heads fewer names than this is no category.
    private const int SmallestCategory = 12;

    private static readonly HashSet<string> _qualifiers = new(StringComparer.Ordinal)
    {
        "Amethyst", "And", "Antique", "Assorted", "Black", "Blue", "Brown", "Christmas", "Colour", "Cream", "Crystal",
        "Design", "For", "Gold", "Green", "Ivory", "Jumbo", "Large", "Lilac", "London", "Medium", "Natural", "Orange",
        "Paisley", "Pink", "Polkadot", "Purple", "Red", "Retrospot", "Rose", "Set", "Silver", "Small", "Spot", "The",
        "Turquoise", "Vintage", "White", "With", "Yellow",
    };

    /// <returns>Products by code; popularity is the number of order lines.</returns>
    public static ShopProduct[] Products(IEnumerable<RetailLine> lines)
    {
        var products = lines
            .Where(line => line.IsSale)
            .GroupBy(line => line.StockCode, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new ShopProduct
            {
                ProductId = group.Key,
                Name = MostFrequentName(group) ?? group.Key,
                Price = group.MaxBy(line => line.InvoiceDate)!.UnitPrice,
                Popularity = group.Count(),
            })
            .ToArray();

        var categories = products
            .Select(product => Nouns(product.Name!).FirstOrDefault())
            .OfType<string>()
            .CountBy(noun => noun, StringComparer.Ordinal)
            .Where(noun => noun.Value >= SmallestCategory)
            .Select(noun => noun.Key)
            .ToHashSet();
        return
        [
            .. products.Select(product =>
                product with { Category = Nouns(product.Name!).FirstOrDefault(categories.Contains) }),
        ];
    }

    /// <summary>A product for <c>PUT /v1/products/bulk</c>.</summary>
    public static ReadOnlyMemory<byte> Describe(ShopProduct product, string currency, DateTimeOffset changedAt) =>
        JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object?>
        {
            ["product_id"] = product.ProductId,
            ["name"] = product.Name,
            ["category"] = product.Category,
            ["price"] = product.Price,
            ["currency"] = currency,
            ["active"] = true,
            ["changed_at"] = changedAt.UtcDateTime,
            ["backfill"] = true,
        });

    // Names are in capitals; notes of the stock-keeper ("damaged?", "sold as set") are not.
    private static string? MostFrequentName(IEnumerable<RetailLine> lines) =>
        lines.Where(line => line.Description.Length > 2
                && line.Description.Any(char.IsAsciiLetterUpper) && !line.Description.Contains('?'))
            .CountBy(line => line.Description, StringComparer.Ordinal)
            .OrderByDescending(name => name.Value)
            .ThenBy(name => name.Key, StringComparer.Ordinal)
            .Select(name => name.Key)
            .FirstOrDefault();

    // English puts the noun last, and this shop puts colour, size and pattern behind it: "LUNCH BAG RED RETROSPOT".
    private static IEnumerable<string> Nouns(string name) =>
        name.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Reverse()
            .Where(word => word.Length >= 3 && word.All(char.IsAsciiLetter))
            .Select(Singular)
            .Where(word => !_qualifiers.Contains(word));

    private static string Singular(string word)
    {
        var lower = word.ToLowerInvariant();
        var stem = lower switch
        {
            [.., 'x' or 'h', 'e', 's'] => lower[..^2],
            [.., 's', 's'] or [.., 'u', 's'] or "christmas" => lower,
            [.., 's'] => lower[..^1],
            _ => lower,
        };
        return char.ToUpperInvariant(stem[0]) + stem[1..];
    }
}
