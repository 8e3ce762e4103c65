using System.Text;
using System.Text.Json;
using Ecom.Recommendation.Storage;

namespace Ecom.Recommendation.Lists;

/// <summary>
/// A product in memory: one object for as long as the service runs, so that lists point to it and no request looks a
/// name up. Its master data are replaced when they change.
/// </summary>
/// <param name="id">The shop's id.</param>
/// <param name="number">Dense, from 0, in the order in which products became known to this process.</param>
internal sealed class Product(string id, int number)
{
    private volatile ProductFacts _facts = ProductFacts.Unknown(id);
    private volatile bool _isPopular;

    public string Id { get; } = id;

    public int Number { get; } = number;

    /// <summary>Stands for the id where ids would be too long.</summary>
    public ulong Hash { get; } = IdHash.Of(id);

    /// <summary>Whether it is one of the few products that most people want.</summary>
    public bool IsPopular
    {
        get => _isPopular;
        set => _isPopular = value;
    }

    /// <summary>What is known now; take it once for a decision.</summary>
    public ProductFacts Facts
    {
        get => _facts;
        set => _facts = value;
    }
}

/// <summary>Master data of a product, with what each answer needs of them made in advance.</summary>
internal sealed class ProductFacts
{
    // Bands of a third of an octave: what costs about the same.
    private const double BandsPerOctave = 3;

    private readonly long _from;
    private readonly long _until;

    private ProductFacts(string id, CatalogueProduct? master)
    {
        Master = master;
        CanBeSold = master?.CanBeSold ?? true;
        _from = master?.AvailableFrom?.UtcTicks ?? long.MinValue;
        _until = master?.AvailableUntil?.UtcTicks ?? long.MaxValue;
        Brand = CodeOf(master?.Brand);
        Category = CodeOf(master?.Category);
        PriceBand = master?.Price is > 0 and var price ? (int)(Math.Log2(price) * BandsPerOctave) : -1;
        var name = master is null ? "null" : JsonSerializer.Serialize(master.Name);
        EscapedId = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(id)[1..^1]);
        IdAndName = Encoding.UTF8.GetBytes($"\"productId\":{JsonSerializer.Serialize(id)},\"name\":{name}");
        var spoken = JsonSerializer.Serialize(master?.Name ?? id);
        SpokenName = Encoding.UTF8.GetBytes(spoken[1..^1]);
    }

    /// <summary>As the catalogue tells; null if the shop never told of the product.</summary>
    public CatalogueProduct? Master { get; }

    /// <summary>
    /// Whether it may be shown. A product that the catalogue does not know may: its stock is unknown, not zero.
    /// </summary>
    public bool CanBeSold { get; }

    /// <summary>Whether it may be shown at an instant: not before or after the days on which it is sold.</summary>
    public bool CanBeSoldAt(DateTimeOffset now) => CanBeSold && now.UtcTicks >= _from && now.UtcTicks < _until;

    /// <summary>Stands for the brand; 0 if unknown.</summary>
    public int Brand { get; }

    /// <summary>Stands for the category; 0 if unknown.</summary>
    public int Category { get; }

    /// <summary>Equal for products that cost about the same; -1 if unknown.</summary>
    public int PriceBand { get; }

    /// <summary>The id, escaped for the inside of a JSON string.</summary>
    public byte[] EscapedId { get; }

    /// <summary>The members productId and name as UTF-8 of JSON.</summary>
    public byte[] IdAndName { get; }

    /// <summary>The name, else the id, escaped for the inside of a JSON string.</summary>
    public byte[] SpokenName { get; }

    public static ProductFacts Unknown(string id) => new(id, null);

    public static ProductFacts Of(CatalogueProduct master) => new(master.ProductId, master);

    /// <summary>How alike two products are, 0 to 1: category counts most, then brand, then price.</summary>
    public float SimilarityTo(ProductFacts other) =>
        (Category != 0 && Category == other.Category ? 0.5f : 0)
        + (Brand != 0 && Brand == other.Brand ? 0.3f : 0)
        + (PriceBand >= 0 && PriceBand == other.PriceBand ? 0.2f : 0);

    private static int CodeOf(string? text) => string.IsNullOrEmpty(text) ? 0 : (int)IdHash.Of(text) | 1;
}

/// <summary>A hash of ids that is the same in every process: FNV-1a, 64 bits, mixed at the end.</summary>
internal static class IdHash
{
    private const ulong Start = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    public static ulong Of(ReadOnlySpan<char> id)
    {
        var hash = Start;
        foreach (var letter in id)
        {
            hash = (hash ^ letter) * Prime;
        }

        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
        return hash ^ (hash >> 33);
    }
}
