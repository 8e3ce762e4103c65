using System.ComponentModel.DataAnnotations;

namespace Ecom.Training.Trainers;

/// <summary>What the trainers of recommenders share.</summary>
internal abstract record RecommenderOptions : TrainerOptions
{
    /// <summary>Share of the interactions, the newest, that is held out to measure on. Default 0.2.</summary>
    [Range(0.01, 0.9)]
    public double TestShare { get; init; } = 0.2;

    /// <summary>With fewer interactions a run fails. Default 100.</summary>
    [Range(1, int.MaxValue)]
    public int MinimumInteractions { get; init; } = 100;
}

internal sealed record PopularityOptions : RecommenderOptions
{
    /// <summary>Age at which an interaction counts half; null for no decay. Default 30.</summary>
    [Range(0.1, 3_650.0)]
    public double? HalfLifeDays { get; init; } = 30;
}

internal sealed record ItemKnnOptions : RecommenderOptions
{
    /// <summary>Neighbours kept for each product. Default 100.</summary>
    [Range(1, 1_000)]
    public int Neighbours { get; init; } = 100;

    /// <summary>Damps similarities that rest on few customers; 0 is off. Default 10.</summary>
    [Range(0.0, 10_000.0)]
    public double Shrinkage { get; init; } = 10;
}

internal sealed record AlsOptions : RecommenderOptions
{
    /// <summary>Length of the vectors. Default 64.</summary>
    [Range(1, 512)]
    public int Factors { get; init; } = 64;

    /// <summary>Weight of the squared length of every vector. Default 20.</summary>
    [Range(0.0001, 10_000.0)]
    public float Regularisation { get; init; } = 20;

    /// <summary>Confidence of an interaction of weight w is 1 + alpha · w. Default 10.</summary>
    [Range(0.0, 10_000.0)]
    public float Alpha { get; init; } = 10;

    /// <summary>Sweeps over customers and products. Default 15.</summary>
    [Range(1, 500)]
    public int Iterations { get; init; } = 15;
}
