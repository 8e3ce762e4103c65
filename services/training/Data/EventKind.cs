namespace Ecom.Training.Data;

/// <summary>What the feature store's kinds of event mean to a model: several may say the same.</summary>
internal static class EventKind
{
    /// <summary>What is to be foretold where it is known.</summary>
    public const string Purchase = "purchase";

    /// <summary>The meaning of a kind; one that is not known here means itself.</summary>
    public static string Of(string kind) => kind switch
    {
        "ProductViewed" or "ProductClicked" or "RecommendationClicked" => "view",
        "ProductWished" => "favourite",
        "ProductAdded" => "cart",
        "ProductBought" => Purchase,
        "ProductReviewed" => "review",
        _ => kind,
    };
}
