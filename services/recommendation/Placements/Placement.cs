namespace Ecom.Recommendation.Placements;

/// <summary>A place in the shop that shows recommendations, and the lists that fill it, best first.</summary>
/// <param name="Name">What a storefront asks for.</param>
/// <param name="Sources">Lists in the order in which they fill the answer; the last ones never run dry.</param>
internal sealed record Placement(string Name, IReadOnlyList<ListSource> Sources)
{
    private static readonly Dictionary<string, Placement> _byName = new[]
    {
        new Placement("home", [ListSource.Personal, ListSource.Session, ListSource.Trending, ListSource.Popular]),
        new Placement("product", [ListSource.Similar, ListSource.Personal, ListSource.Session, ListSource.Popular]),
        new Placement("cart", [ListSource.Similar, ListSource.Personal, ListSource.Session, ListSource.Popular]),
        new Placement("email", [ListSource.Personal, ListSource.Session, ListSource.Popular]),
        new Placement("trending", [ListSource.Trending, ListSource.Popular]),
    }.ToDictionary(placement => placement.Name);

    /// <summary>All placements by name.</summary>
    public static IReadOnlyCollection<Placement> All => _byName.Values;

    /// <returns>Null for an unknown name.</returns>
    public static Placement? Find(string name) => _byName.GetValueOrDefault(name);
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

    /// <summary>Products that are wanted more than usual.</summary>
    Trending,

    /// <summary>Products that most people want.</summary>
    Popular,

    /// <summary>Any product on sale: nothing else is known.</summary>
    Catalogue,
}
