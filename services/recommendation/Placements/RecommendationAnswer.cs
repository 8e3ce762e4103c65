namespace Ecom.Recommendation.Placements;

/// <summary>
/// Products for a placement, best first, each with its reason. It describes what <see cref="AnswerWriter"/> writes.
/// </summary>
internal sealed record RecommendationAnswer
{
    /// <summary>
    /// Send it back with later events (properties.recommendation_id): it attributes clicks and orders.
    /// </summary>
    public required string RecommendationId { get; init; }

    public required string Placement { get; init; }

    /// <summary>Experiment that the visitor takes part in; absent if none.</summary>
    public string? Experiment { get; init; }

    /// <summary>Arm that the answer follows; absent outside experiments.</summary>
    public string? Arm { get; init; }

    /// <summary>The list that the first product came from; "none" of an empty answer.</summary>
    public required string Source { get; init; }

    /// <summary>Whether any product was chosen for this visitor; false for strangers.</summary>
    public required bool Personalised { get; init; }

    public required IReadOnlyList<RecommendedProduct> Items { get; init; }

    /// <summary>What the answer rests on; null before a first model is promoted.</summary>
    public required AnsweringModel? Model { get; init; }

    /// <summary>
    /// True when Redis is away, lists are being made anew, or no model serves yet: the answer holds last known lists,
    /// popular products or the plain range.
    /// </summary>
    public required bool Degraded { get; init; }

    /// <summary>Why it is degraded: redis_away, lists_lost or no_model; absent if it is not.</summary>
    public string? DegradedBecause { get; init; }

    /// <summary>
    /// What became of the request's filter: kept (every product fits), relaxed (too few fit, the others follow), short
    /// or empty (too few fit, and strict is set); absent without filter.
    /// </summary>
    public string? Filtered { get; init; }

    /// <summary>How many products fit the filter and could be shown, up to the number that was wanted.</summary>
    public int? Fitting { get; init; }

    /// <summary>Send it as cursor to get the next page, which repeats nothing; absent when there is none.</summary>
    public string? Next { get; init; }
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

    /// <summary>personal, session, similar, bought-together, segment, trending, popular or catalogue.</summary>
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
