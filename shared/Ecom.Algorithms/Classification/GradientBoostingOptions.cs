namespace Ecom.Algorithms.Classification;

/// <summary>How trees are boosted.</summary>
public sealed record GradientBoostingOptions
{
    /// <summary>Number of trees, at least 1. Default 150.</summary>
    public int Trees { get; init; } = 150;

    /// <summary>Share of a tree's step that is taken, above 0 to 1. Default 0.1.</summary>
    public double LearningRate { get; init; } = 0.1;

    /// <summary>Most leaves of a tree, at least 2. Default 16.</summary>
    public int Leaves { get; init; } = 16;

    /// <summary>Most splits from root to leaf, at least 1. Default 6.</summary>
    public int Depth { get; init; } = 6;

    /// <summary>Least sum of second derivatives of a leaf, not negative. Default 1.</summary>
    public double LeastWeight { get; init; } = 1;

    /// <summary>Squared penalty of leaf values, above 0. Default 1.</summary>
    public double Penalty { get; init; } = 1;

    /// <summary>Share of the rows that each tree sees, above 0 to 1. Default 1.</summary>
    public double Rows { get; init; } = 1;

    /// <summary>Share of the features that each tree sees, above 0 to 1. Default 1.</summary>
    public double Columns { get; init; } = 1;

    /// <summary>Seed of the samples of rows and columns. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Threads, at least 1; they never change a model. Default 1.</summary>
    public int Threads { get; init; } = 1;
}
