using System.Text.Json.Serialization;

namespace Ecom.Client;

/// <summary>
/// One event in Segment's format. The names and properties that the platform reads are in docs/cleaning.md.
/// </summary>
/// <remarks>
/// The message id is made with the event: sending the same event again, after a time-out for example, counts once.
/// </remarks>
public sealed record ShopEvent
{
    /// <summary>"track", "identify" or "page".</summary>
    public required string Type { get; init; }

    /// <summary>Name of a track event, for example "Product Viewed"; null for the other types.</summary>
    public string? Event { get; init; }

    /// <summary>Unique for this client, 1–100 characters. Default: a new one.</summary>
    public string MessageId { get; init; } = Guid.NewGuid().ToString("n");

    /// <summary>Known customer, 1–100 characters; null while anonymous. One of the two ids must be there.</summary>
    public string? UserId { get; init; }

    /// <summary>The browser's id, 1–100 characters.</summary>
    public string? AnonymousId { get; init; }

    /// <summary>When it happened; null is the time of receipt.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>Session, device, network.</summary>
    public EventContext? Context { get; init; }

    /// <summary>What happened, with the names of the vocabulary ("product_id", "price" in major units…).</summary>
    public IReadOnlyDictionary<string, object?>? Properties { get; init; }

    /// <summary>Who it is, for identify: "email", "phone", "country", "createdAt".</summary>
    public IReadOnlyDictionary<string, object?>? Traits { get; init; }

    /// <summary>An event by its name.</summary>
    /// <param name="name">A name of the vocabulary.</param>
    /// <param name="properties">Names and values; null values are left out.</param>
    public static ShopEvent Track(string name, params (string Name, object? Value)[] properties) =>
        new() { Type = "track", Event = name, Properties = ToValues(properties) };

    /// <summary>A page was seen.</summary>
    /// <param name="path">Path of the page, for example "/mugs".</param>
    public static ShopEvent Page(string path) => new() { Type = "page", Properties = ToValues([("path", path)]) };

    /// <summary>A visitor turned out to be a customer.</summary>
    /// <param name="userId">The customer.</param>
    /// <param name="anonymousId">The browser; null if only traits are told.</param>
    /// <param name="traits">Names and values.</param>
    public static ShopEvent Identify(
        string userId, string? anonymousId = null, params (string Name, object? Value)[] traits) =>
        new() { Type = "identify", UserId = userId, AnonymousId = anonymousId, Traits = ToValues(traits) };

    /// <summary>A product page was seen.</summary>
    /// <param name="productId">The product.</param>
    /// <param name="recommendationId">The recommendation answer that led here; null if none did.</param>
    /// <param name="position">Position in that answer, from 1.</param>
    public static ShopEvent ProductViewed(string productId, string? recommendationId = null, int? position = null) =>
        Track(
            "Product Viewed",
            ("product_id", productId), ("recommendation_id", recommendationId), ("position", position));

    /// <summary>A product was put into the cart.</summary>
    /// <param name="productId">The product.</param>
    /// <param name="quantity">Units, at least 1.</param>
    public static ShopEvent ProductAdded(string productId, int quantity = 1) =>
        Track("Product Added", ("product_id", productId), ("quantity", quantity));

    /// <summary>An order was placed.</summary>
    /// <param name="orderId">The shop's order number; it is accepted once.</param>
    /// <param name="lines">At least one line.</param>
    /// <param name="currency">ISO 4217; null is the shop's base currency.</param>
    public static ShopEvent OrderCompleted(
        string orderId, IReadOnlyList<OrderedProduct> lines, string? currency = null) =>
        Track("Order Completed", ("order_id", orderId), ("currency", currency), ("products", lines));

    private static Dictionary<string, object?> ToValues((string Name, object? Value)[] values) =>
        values.Where(value => value.Value is not null).ToDictionary(value => value.Name, value => value.Value);
}

/// <summary>Where an event came from.</summary>
public sealed record EventContext
{
    /// <summary>The visitor's IP address; the platform keeps a keyed hash of it only.</summary>
    public string? Ip { get; init; }

    /// <summary>The visitor's user agent; marks robots.</summary>
    public string? UserAgent { get; init; }

    /// <summary>Session of the storefront.</summary>
    public string? SessionId { get; init; }

    /// <summary>Device of the storefront.</summary>
    public EventDevice? Device { get; init; }

    /// <summary>ISO 3166 country of the address, if the storefront or its proxy knows it.</summary>
    public string? Country { get; init; }

    /// <summary>Part of a history import: changes state, raises no alert and no webhook.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Backfill { get; init; }
}

/// <summary>A device.</summary>
/// <param name="Id">1–100 characters.</param>
public sealed record EventDevice(string Id);

/// <summary>A line of an order.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="Price">Price of one unit in major units, positive.</param>
/// <param name="Quantity">Units, at least 1.</param>
public sealed record OrderedProduct(
    [property: JsonPropertyName("product_id")] string ProductId,
    [property: JsonPropertyName("price")] decimal Price,
    [property: JsonPropertyName("quantity")] int Quantity = 1);

/// <summary>A product of the catalogue, whole: what is left out becomes unknown.</summary>
public sealed record CatalogueProduct
{
    /// <summary>1–100 characters.</summary>
    [JsonPropertyName("product_id")]
    public required string ProductId { get; init; }

    /// <summary>Name shown to people.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>Brand.</summary>
    [JsonPropertyName("brand")]
    public string? Brand { get; init; }

    /// <summary>Category path, levels separated by " / ".</summary>
    [JsonPropertyName("category")]
    public string? Category { get; init; }

    /// <summary>List price in major units.</summary>
    [JsonPropertyName("price")]
    public decimal? Price { get; init; }

    /// <summary>ISO 4217; null is the shop's base currency.</summary>
    [JsonPropertyName("currency")]
    public string? Currency { get; init; }

    /// <summary>Units on hand; null is unknown, which is not zero.</summary>
    [JsonPropertyName("stock")]
    public int? Stock { get; init; }

    /// <summary>False when the shop no longer sells it.</summary>
    [JsonPropertyName("active")]
    public bool Active { get; init; } = true;

    /// <summary>From when it is sold, inclusive; null is no beginning.</summary>
    [JsonPropertyName("available_from")]
    public DateTimeOffset? AvailableFrom { get; init; }

    /// <summary>Until when it is sold, exclusive; null is no end.</summary>
    [JsonPropertyName("available_until")]
    public DateTimeOffset? AvailableUntil { get; init; }

    /// <summary>What else describes it, by name without colon, at most 50; null if unknown.</summary>
    [JsonPropertyName("attributes")]
    public IReadOnlyDictionary<string, string>? Attributes { get; init; }

    /// <summary>When it changed; null is the time of receipt.</summary>
    [JsonPropertyName("changed_at")]
    public DateTimeOffset? ChangedAt { get; init; }
}
