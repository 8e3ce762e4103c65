namespace Ecom.Recommendation.Placements;

/// <summary>Products for a placement, best first, each with its reason.</summary>
internal sealed record RecommendationAnswer
{
    /// <summary>
    /// Send it back with later events (properties.recommendation_id): it attributes clicks and orders.
    /// </summary>
    public required string RecommendationId { get; init; }

    public required string Placement { get; init; }

    /// <summary>Experiment that the visitor takes part in; null if none.</summary>
    public required string? Experiment { get; init; }

    /// <summary>Arm that the answer follows; null outside experiments.</summary>
    public required string? Arm { get; init; }

    public required IReadOnlyList<RecommendedProduct> Items { get; init; }

    /// <summary>What the answer rests on; null before a first model is promoted.</summary>
    public required AnsweringModel? Model { get; init; }

    /// <summary>
    /// True when Redis is away or no model serves yet: the answer holds popular products or the plain range.
    /// </summary>
    public required bool Degraded { get; init; }
}

/// <summary>One recommended product.</summary>
internal sealed record RecommendedProduct
{
    /// <summary>From 1.</summary>
    public required int Position { get; init; }

    public required string ProductId { get; init; }

    /// <summary>Null if the catalogue does not know the product.</summary>
    public required string? Name { get; init; }

    /// <summary>Comparable within one source of one answer only.</summary>
    public required float Score { get; init; }

    /// <summary>personal, session, similar, trending, popular or catalogue.</summary>
    public required string Source { get; init; }

    public required Reason Reason { get; init; }
}

/// <summary>The model behind an answer.</summary>
internal sealed record AnsweringModel
{
    public required int Version { get; init; }

    public required string Trainer { get; init; }

    /// <summary>The set of lists that is served.</summary>
    public required long Generation { get; init; }

    /// <summary>Seconds since these lists came into service.</summary>
    public required double AgeSeconds { get; init; }
}
