using System.Globalization;

namespace Ecom.Client;

/// <summary>A question for recommendations.</summary>
public sealed record RecommendationQuestion
{
    /// <summary>
    /// Name of a placement: home, product, also-bought, cart, email, search-empty, trending, or one of your own.
    /// Default home.
    /// </summary>
    public string Placement { get; init; } = "home";

    /// <summary>Known customer, at most 100 characters; null if anonymous.</summary>
    public string? CustomerId { get; init; }

    /// <summary>Id of the browser, at most 100 characters; null if there is none.</summary>
    public string? AnonymousId { get; init; }

    /// <summary>The product that is shown, for placements product and also-bought.</summary>
    public string? ProductId { get; init; }

    /// <summary>Products in the cart, at most 50, for placement cart.</summary>
    public IReadOnlyList<string> Cart { get; init; } = [];

    /// <summary>Products wanted, 1 to 50; null is the placement's number.</summary>
    public int? Count { get; init; }

    /// <summary>Only these categories, at most 50; a category holds those below it.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Only these brands, at most 50.</summary>
    public IReadOnlyList<string> Brands { get; init; } = [];

    /// <summary>Only with these attributes, as "name:value", at most 50; of one name one value is enough.</summary>
    public IReadOnlyList<string> Attributes { get; init; } = [];

    /// <summary>Lowest price, in minor units of the base currency.</summary>
    public long? PriceMin { get; init; }

    /// <summary>Highest price, in minor units of the base currency.</summary>
    public long? PriceMax { get; init; }

    /// <summary>Products never to answer, at most 50.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>
    /// True: a filter that too few products fit gives a short answer; false: others follow; null: as the placement.
    /// </summary>
    public bool? Strict { get; init; }

    /// <summary><see cref="Recommendations.Next"/> of an earlier answer; its pages are not repeated.</summary>
    public string? Cursor { get; init; }

    internal bool HasFilter =>
        Categories.Count + Brands.Count + Attributes.Count > 0 || PriceMin is not null || PriceMax is not null;

    /// <summary>Path and query, the same for the same question.</summary>
    internal string ToPath() => "v1/recommendations" + ToQuery(ProductId);

    /// <summary>Path that asks about one product; what is shown goes into the cart there.</summary>
    internal string ToExplainPath(string productId)
    {
        var shown = string.IsNullOrEmpty(ProductId) ? this : this with { Cart = [ProductId, .. Cart] };
        return "v1/recommendations/explain" + shown.ToQuery(productId);
    }

    private string ToQuery(string? productId)
    {
        var parameters = new List<string>();
        Add("placement", Placement);
        Add("count", Count?.ToString(CultureInfo.InvariantCulture));
        Add("customerId", CustomerId);
        Add("anonymousId", AnonymousId);
        Add("productId", productId);
        AddAll("cart", Cart);
        AddAll("category", Categories);
        AddAll("brand", Brands);
        AddAll("attribute", Attributes);
        Add("priceMin", PriceMin?.ToString(CultureInfo.InvariantCulture));
        Add("priceMax", PriceMax?.ToString(CultureInfo.InvariantCulture));
        AddAll("exclude", Exclude);
        Add("strict", Strict is { } strict ? strict ? "true" : "false" : null);
        Add("cursor", Cursor);
        return "?" + string.Join('&', parameters);

        void AddAll(string name, IReadOnlyList<string> values)
        {
            foreach (var value in values)
            {
                Add(name, value);
            }
        }

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                parameters.Add($"{name}={Uri.EscapeDataString(value)}");
            }
        }
    }
}
