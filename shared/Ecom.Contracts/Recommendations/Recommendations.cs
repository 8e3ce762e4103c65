namespace Ecom.Contracts.Recommendations;

/// <summary>
/// Answers that were given, batched. Published by recommendation; joins with later clicks by the answer's id.
/// </summary>
public sealed record RecommendationsServed
{
    /// <summary>1 to 100 answers.</summary>
    public required IReadOnlyList<ServedRecommendation> Answers { get; init; }
}

/// <summary>One answer of the recommendation service.</summary>
public sealed record ServedRecommendation
{
    /// <summary>Id of the answer, sent back by the storefront with later events.</summary>
    public required string RecommendationId { get; init; }

    /// <summary>Placement asked for.</summary>
    public required string Placement { get; init; }

    /// <summary>Customer; null if anonymous.</summary>
    public string? CustomerId { get; init; }

    /// <summary>Products in the order shown.</summary>
    public required IReadOnlyList<string> ProductIds { get; init; }

    /// <summary>Model version behind it; null for a fallback without model.</summary>
    public int? ModelVersion { get; init; }

    /// <summary>Which list answered: "personal", "session", "similar", "popular"….</summary>
    public required string Source { get; init; }

    /// <summary>Experiment that the answer belongs to; null if none.</summary>
    public string? Experiment { get; init; }

    /// <summary>Arm of the experiment; null if none.</summary>
    public string? Arm { get; init; }

    /// <summary>Probability with which a visitor is given this arm; null without experiment.</summary>
    public double? Propensity { get; init; }

    /// <summary>
    /// For each product, the probability with which it stood at its position; null when nothing was left to chance.
    /// </summary>
    public IReadOnlyList<double>? Propensities { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset ServedAt { get; init; }
}

/// <summary>Lists of a model version are complete and in service. Published by recommendation.</summary>
public sealed record RecommendationsRefreshed
{
    /// <summary>The model version the lists were made with.</summary>
    public required int ModelVersion { get; init; }

    /// <summary>Trainer that made the model.</summary>
    public required string Trainer { get; init; }

    /// <summary>Customers with a list.</summary>
    public required int Customers { get; init; }

    /// <summary>Products with a list of similar products.</summary>
    public required int Products { get; init; }

    /// <summary>When the switch happened, UTC.</summary>
    public required DateTimeOffset RefreshedAt { get; init; }
}
