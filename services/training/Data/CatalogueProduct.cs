using System.Globalization;
using Ecom.Algorithms.Recommendation;

namespace Ecom.Training.Data;

/// <summary>What is known of a product beside who did what with it.</summary>
internal sealed record CatalogueProduct
{
    public required string ProductId { get; init; }

    public required string Name { get; init; }

    public string? Brand { get; init; }

    /// <summary>Path, levels separated by " / "; null if unknown.</summary>
    public string? Category { get; init; }

    /// <summary>List price, minor units of the base currency; null if unknown.</summary>
    public long? Price { get; init; }

    /// <summary>False when the shop no longer sells it.</summary>
    public required bool Active { get; init; }

    /// <summary>Brand, every level of the category, price band and words of the name.</summary>
    public IEnumerable<string> Attributes()
    {
        if (!string.IsNullOrWhiteSpace(Brand))
        {
            yield return "brand:" + Brand.Trim().ToLowerInvariant();
        }

        var path = (Category ?? string.Empty).Split(" / ", StringSplitOptions.RemoveEmptyEntries);
        for (var level = 1; level <= path.Length; level++)
        {
            yield return "category:" + string.Join(" / ", path[..level]).ToLowerInvariant();
        }

        if (Price > 0)
        {
            // Each band is half as dear again as the one before.
            var band = (int)Math.Floor(Math.Log(Price.Value) / Math.Log(1.5));
            yield return "price:" + band.ToString(CultureInfo.InvariantCulture);
        }

        foreach (var word in Words(Name).Distinct())
        {
            yield return "word:" + word;
        }
    }

    /// <summary>Products × attributes, by the places of the products' ids; null without any.</summary>
    public static Interactions? Matrix(IReadOnlyList<CatalogueProduct> catalogue, IReadOnlyList<string> productIds)
    {
        var places = productIds.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
        var (index, rows, columns) = (new IdIndex(), new List<int>(), new List<int>());
        foreach (var product in catalogue.Where(product => places.ContainsKey(product.ProductId)))
        {
            foreach (var attribute in product.Attributes())
            {
                rows.Add(places[product.ProductId]);
                columns.Add(index.Add(attribute));
            }
        }

        return rows.Count == 0 ? null : Interactions.Create(productIds.Count, index.Count, [.. rows], [.. columns]);
    }

    private static IEnumerable<string> Words(string name)
    {
        var clean = new string([.. name.ToLowerInvariant().Select(one => char.IsLetterOrDigit(one) ? one : ' ')]);
        return clean.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(word => word.Length > 1);
    }
}
