namespace Ecom.Client;

/// <summary>Where a product stands in an answer, and why not.</summary>
public sealed record RecommendationExplanation
{
    /// <summary>The product in question.</summary>
    public required string ProductId { get; init; }

    /// <summary>Segment that the visitor is in; null if unknown, or if nothing is popular in it.</summary>
    public string? Segment { get; init; }

    /// <summary>Position in the answer, from 1; null if it is not shown.</summary>
    public int? Position { get; init; }

    /// <summary>
    /// Why it is not shown: an exclusion, not_listed, not_reached, rule or outranked; null if it is shown.
    /// </summary>
    public string? NotShownBecause { get; init; }

    /// <summary>What keeps it out whatever its lists say, for example bought; null if nothing does.</summary>
    public string? Exclusion { get; init; }

    /// <summary>Lists of the placement that hold it.</summary>
    public required IReadOnlyList<ListWithProduct> Lists { get; init; }

    /// <summary>The model served; null before a first one.</summary>
    public int? ModelVersion { get; init; }

    /// <summary>Whether only what is remembered of the visitor counts.</summary>
    public required bool Degraded { get; init; }
}

/// <summary>A list that holds the product.</summary>
public sealed record ListWithProduct
{
    /// <summary>The list, for example personal.</summary>
    public required string List { get; init; }

    /// <summary>Place in the list, from 1.</summary>
    public required int Rank { get; init; }

    /// <summary>Products of the list.</summary>
    public required int Length { get; init; }

    /// <summary>Comparable within the list only; null where it has none.</summary>
    public float? Score { get; init; }

    /// <summary>The reason that an answer would give.</summary>
    public required RecommendationReason Reason { get; init; }
}
