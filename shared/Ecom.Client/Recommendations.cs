using System.Text.Json.Serialization;

namespace Ecom.Client;

/// <summary>What to show.</summary>
public sealed record Recommendations
{
    /// <summary>
    /// Send it back with later events (property recommendation_id): it attributes clicks and orders. Empty when the
    /// client itself made the answer.
    /// </summary>
    public required string RecommendationId { get; init; }

    /// <summary>The placement that was asked for.</summary>
    public string? Placement { get; init; }

    /// <summary>Experiment that the visitor takes part in; null if none.</summary>
    public string? Experiment { get; init; }

    /// <summary>Arm that the answer follows; null outside experiments.</summary>
    public string? Arm { get; init; }

    /// <summary>The list that the first product came from; "none" of an empty answer.</summary>
    public string? Source { get; init; }

    /// <summary>Whether any product was chosen for this visitor.</summary>
    public bool Personalised { get; init; }

    /// <summary>Products, best first.</summary>
    public required IReadOnlyList<Recommendation> Items { get; init; }

    /// <summary>The model behind it; null while none serves.</summary>
    public RecommendationModel? Model { get; init; }

    /// <summary>
    /// True while no model serves, the platform's fast store is away, or the platform itself is away.
    /// </summary>
    public required bool Degraded { get; init; }

    /// <summary>
    /// Why: redis_away, lists_lost or no_model as the platform says, platform_away as this client says; null if it is
    /// not degraded.
    /// </summary>
    public string? DegradedBecause { get; init; }

    /// <summary>What became of the filter: kept, relaxed, short or empty; null without one.</summary>
    public string? Filtered { get; init; }

    /// <summary>How many products fit the filter, up to the number wanted; null without one.</summary>
    public int? Fitting { get; init; }

    /// <summary>Cursor of the next page; null when there is none.</summary>
    public string? Next { get; init; }

    /// <summary>Who gave the answer.</summary>
    [JsonIgnore]
    public AnswerOrigin Origin { get; init; }

    /// <summary>How long ago the platform gave it; zero unless it is a last known answer.</summary>
    [JsonIgnore]
    public TimeSpan Age { get; init; }
}

/// <summary>Who gave an answer.</summary>
public enum AnswerOrigin
{
    /// <summary>The platform, now.</summary>
    Platform,

    /// <summary>The client's memory: what the platform answered to the same question before.</summary>
    LastKnown,

    /// <summary>The client's memory: what the platform recommended most often lately, to anybody.</summary>
    Popular,

    /// <summary>The products that the storefront set for this case.</summary>
    Configured,
}

/// <summary>One product to show.</summary>
public sealed record Recommendation
{
    /// <summary>From 1.</summary>
    public required int Position { get; init; }

    /// <summary>Product id.</summary>
    public required string ProductId { get; init; }

    /// <summary>Name; null if the catalogue does not know the product.</summary>
    public string? Name { get; init; }

    /// <summary>Comparable within one source of one answer only.</summary>
    public required float Score { get; init; }

    /// <summary>The list that it came from: personal, session, similar, bought-together, segment,
    /// trending, popular or catalogue.</summary>
    public required string Source { get; init; }

    /// <summary>Why it is shown.</summary>
    public required RecommendationReason Reason { get; init; }
}

/// <summary>Why a product is shown.</summary>
public sealed record RecommendationReason
{
    /// <summary>Stable code, for example because_you_bought.</summary>
    public required string Code { get; init; }

    /// <summary>Words for people.</summary>
    public required string Text { get; init; }

    /// <summary>The product that the reason speaks of; null if none.</summary>
    public string? ProductId { get; init; }

    /// <summary>The visitor's segment; null unless the code is popular_in_segment.</summary>
    public string? Segment { get; init; }

    /// <summary>Baskets with both products; null unless the code is bought_together.</summary>
    public int? Together { get; init; }

    /// <summary>Baskets with the product that the reason speaks of.</summary>
    public int? Of { get; init; }
}

/// <summary>The model behind an answer.</summary>
public sealed record RecommendationModel
{
    /// <summary>Version in the registry.</summary>
    public required int Version { get; init; }

    /// <summary>What trained it.</summary>
    public required string Trainer { get; init; }

    /// <summary>The set of lists that is served.</summary>
    public required long Generation { get; init; }

    /// <summary>Seconds since these lists came into service.</summary>
    public required double AgeSeconds { get; init; }
}
