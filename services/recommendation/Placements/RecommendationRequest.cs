using System.Buffers.Text;
using System.Runtime.InteropServices;
using Ecom.Recommendation.Experiments;
using Ecom.Recommendation.Lists;
using Ecom.Recommendation.Rules;

namespace Ecom.Recommendation.Placements;

/// <summary>What a storefront asks, checked.</summary>
internal sealed record RecommendationRequest
{
    public required Placement Placement { get; init; }

    /// <summary>Business rules that hold at the placement.</summary>
    public RuleSet Rules { get; init; } = RuleSet.None;

    /// <summary>Arm of an experiment, whose placement this is; null outside experiments.</summary>
    public Arm? Arm { get; init; }

    /// <summary>Whom the experiment of the placement counts; null outside experiments.</summary>
    public long? Unit { get; init; }

    public required string? CustomerId { get; init; }

    public required string? AnonymousId { get; init; }

    /// <summary>The product shown, or those in the cart; never answered.</summary>
    public required IReadOnlyList<string> Anchors { get; init; }

    public required int Count { get; init; }

    /// <summary>Null lets everything through.</summary>
    public ProductFilter? Filter { get; init; }

    /// <summary>Whether a filter may leave the answer short.</summary>
    public bool Strict { get; init; }

    /// <summary>Ids never to answer.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>What earlier pages showed; null for the first page.</summary>
    public PageCursor? Cursor { get; init; }
}

/// <summary>
/// Which products a request wants: every stated condition must hold, one of several values is enough.
/// </summary>
internal sealed record ProductFilter
{
    public IReadOnlyList<string> Categories { get; init; } = [];

    public IReadOnlyList<string> Brands { get; init; } = [];

    /// <summary>In minor units of the base currency, inclusive.</summary>
    public long? PriceMin { get; init; }

    public long? PriceMax { get; init; }

    /// <summary>As "name:value"; of one name one of the values is enough.</summary>
    public IReadOnlyList<string> Attributes { get; init; } = [];

    public bool IsEmpty =>
        Categories.Count == 0 && Brands.Count == 0 && PriceMin is null && PriceMax is null && Attributes.Count == 0;

    /// <summary>A product about which the catalogue does not tell what is asked does not fit.</summary>
    public bool Fits(ProductFacts facts) =>
        facts.Master is { } master
        && (Categories.Count == 0 || CategoryPath.IsWithin(master.Category, Categories))
        && (Brands.Count == 0 || IsOf(master.Brand))
        && (Attributes.Count == 0 || HasAttributes(master.Attributes))
        && (PriceMin is null || master.Price >= PriceMin)
        && (PriceMax is null || master.Price <= PriceMax);

    private bool HasAttributes(string[] own)
    {
        foreach (var wanted in Attributes)
        {
            var name = wanted.AsSpan(0, wanted.IndexOf(':') + 1);
            var isMet = false;
            foreach (var value in Attributes)
            {
                isMet |= value.AsSpan().StartsWith(name, StringComparison.OrdinalIgnoreCase)
                    && own.Contains(value, StringComparer.OrdinalIgnoreCase);
            }

            if (!isMet)
            {
                return false;
            }
        }

        return true;
    }

    private bool IsOf(string? brand)
    {
        foreach (var wanted in Brands)
        {
            if (string.Equals(wanted, brand, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>
/// What the pages before showed, carried by the client: a page repeats none of it, whichever replica answers and
/// whatever has become of the lists.
/// </summary>
/// <remarks>Four bytes of each product's hash, base64 for URLs: a wrong match leaves out a product at most.</remarks>
internal sealed class PageCursor(uint[] shown)
{
    private const int MostShown = 500;

    /// <returns>Null for text that no answer gave.</returns>
    public static PageCursor? Parse(string text)
    {
        var bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        if (!Base64Url.IsValid(text)
            || !Base64Url.TryDecodeFromChars(text, bytes, out var length)
            || length % sizeof(uint) != 0
            || length > MostShown * sizeof(uint))
        {
            return null;
        }

        return new PageCursor(MemoryMarshal.Cast<byte, uint>(bytes.AsSpan(0, length)).ToArray());
    }

    public bool Has(Product product) => shown.AsSpan().Contains((uint)product.Hash);

    /// <summary>The cursor after one more page, as UTF-8.</summary>
    /// <param name="before">Pages before it; null if it is the first.</param>
    /// <param name="page">Products of the page.</param>
    /// <param name="target">Filled from its beginning; <see cref="LengthOf"/> says how much room it needs.</param>
    /// <returns>Bytes written; 0 when no further page may be asked for.</returns>
    public static int Write(PageCursor? before, ReadOnlySpan<Product> page, Span<byte> target)
    {
        var count = before is null ? 0 : before.Shown.Length;
        if (page.IsEmpty || count + page.Length > MostShown)
        {
            return 0;
        }

        Span<uint> all = stackalloc uint[count + page.Length];
        before?.Shown.CopyTo(all);
        foreach (var product in page)
        {
            all[count++] = (uint)product.Hash;
        }

        return Base64Url.EncodeToUtf8(MemoryMarshal.AsBytes(all[..count]), target);
    }

    /// <summary>Bytes that <see cref="Write"/> needs for a page of some products.</summary>
    public static int LengthOf(PageCursor? before, int page) =>
        Base64Url.GetEncodedLength(((before?.Shown.Length ?? 0) + page) * sizeof(uint));

    private ReadOnlySpan<uint> Shown => shown;
}
