namespace Ecom.Recommendation.Placements;

/// <summary>Why a product is not a candidate.</summary>
internal enum Verdict
{
    /// <summary>It is one.</summary>
    Fits,

    /// <summary>It is the product shown, or in the cart as the request tells.</summary>
    Anchor,

    /// <summary>The request asks to leave it out.</summary>
    AskedOut,

    /// <summary>An earlier page showed it.</summary>
    ShownBefore,

    /// <summary>Sold out, or not sold now.</summary>
    NotSold,

    /// <summary>The customer bought it.</summary>
    Bought,

    /// <summary>The visitor does not want to see it.</summary>
    Hidden,

    /// <summary>It is in the visitor's cart, as events tell.</summary>
    InCart,

    /// <summary>The request's filter does not let it through.</summary>
    Filtered,
}
