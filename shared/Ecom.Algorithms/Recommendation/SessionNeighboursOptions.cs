namespace Ecom.Algorithms.Recommendation;

/// <summary>Settings of <see cref="SessionNeighbours"/>.</summary>
public sealed record SessionNeighboursOptions
{
    /// <summary>Sessions that speak for a visitor, at least 1. Default 500.</summary>
    public int Neighbours { get; init; } = 500;

    /// <summary>Newest sessions looked at for each item of the history, at least 1. Default 1,000.</summary>
    public int SampleSize { get; init; } = 1_000;

    /// <summary>
    /// Items of a history after which an item counts 1/e of the newest; greater than 0, infinity weighs all alike.
    /// Default 3.
    /// </summary>
    public float HistoryDecay { get; init; } = 3;

    /// <summary>
    /// Steps from the shared item within a neighbour session after which an item counts 1/e; greater than 0, infinity
    /// weighs all alike. Default 3.
    /// </summary>
    public float SpreadDecay { get; init; } = 3;

    /// <summary>Power of the length of a neighbour session that its likeness is divided by; 0.5 is a cosine. Default
    /// 0.5.</summary>
    public float LengthPower { get; init; } = 0.5f;

    /// <summary>Power of the inverse document frequency of a shared item, at least 0. Default 1.</summary>
    public float MatchRarity { get; init; } = 1;

    /// <summary>Power of the inverse document frequency of a proposed item, at least 0. Default 0.5.</summary>
    public float ItemRarity { get; init; } = 0.5f;
}
