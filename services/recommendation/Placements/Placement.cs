namespace Ecom.Recommendation.Placements;

/// <summary>A place in the shop that shows recommendations, and how it is filled.</summary>
internal sealed record Placement
{
    /// <summary>What a storefront asks for: lower-case letters, digits and hyphens.</summary>
    public required string Name { get; init; }

    /// <summary>Grows with each change, from 1.</summary>
    public required int Version { get; init; }

    /// <summary>Lists whose products are candidates, best first.</summary>
    public required IReadOnlyList<ListSource> Sources { get; init; }

    /// <summary>Lists that fill what the sources leave open, in this order; then comes any product on sale.</summary>
    public required IReadOnlyList<ListSource> Fallback { get; init; }

    /// <summary>Products of an answer when the request names no number.</summary>
    public required int Count { get; init; }

    /// <summary>Strength of diversity, 0 (off) to 1.</summary>
    public required double Diversity { get; init; }

    /// <summary>Whether products that the customer bought are left out.</summary>
    public required bool ExcludeBought { get; init; }

    /// <summary>Share of positions, 0 to 0.5, that a candidate drawn at random takes: what is learned from.</summary>
    public required double Exploration { get; init; }

    /// <summary>How far products that the visitor was shown lately move down, 0 (off) to 1.</summary>
    public required double Rotation { get; init; }

    /// <summary>
    /// Whether a filter that leaves too few products gives a short answer instead of products from the fallback.
    /// </summary>
    public required bool Strict { get; init; }

    /// <summary>The name as it goes into answers.</summary>
    public byte[] Utf8Name => field ??= System.Text.Encoding.UTF8.GetBytes(Name);

    /// <summary>Sources, then fallback, each once: the order in which lists fill the answer.</summary>
    public IReadOnlyList<ListSource> Chain => field ??= [.. Sources.Union(Fallback)];
}

/// <summary>Where a recommended product comes from.</summary>
internal enum ListSource
{
    /// <summary>The customer's precomputed list.</summary>
    Personal,

    /// <summary>The model applied to the visitor's session, now.</summary>
    Session,

    /// <summary>Products similar to the product shown or to those in the cart.</summary>
    Similar,

    /// <summary>Products bought together with the product shown or those in the cart.</summary>
    BoughtTogether,

    /// <summary>Products that most customers of the visitor's segment want.</summary>
    Segment,

    /// <summary>Products that are wanted more than usual.</summary>
    Trending,

    /// <summary>Products that most people want.</summary>
    Popular,

    /// <summary>Any product on sale: nothing else is known.</summary>
    Catalogue,
}
