using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Ecom.Algorithms.Recommendation;

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

    /// <summary>What a search settled on; never given.</summary>
    [JsonIgnore]
    public SettledRecipe? Settled { get; init; }
}

internal sealed record PopularityOptions : RecommenderOptions
{
    /// <summary>Age at which an interaction counts half; null for no decay. Default 30.</summary>
    [Range(0.1, 3_650.0)]
    public double? HalfLifeDays { get; init; } = 30;
}

internal sealed record ItemKnnOptions : RecommenderOptions
{
    /// <summary>How users are weighed: Cosine, TfIdf or Bm25. Default TfIdf.</summary>
    [JsonConverter(typeof(JsonStringEnumConverter<NeighbourWeighting>))]
    public NeighbourWeighting Weighting { get; init; } = NeighbourWeighting.TfIdf;

    /// <summary>Neighbours kept for each product. Default 100.</summary>
    [Range(1, 1_000)]
    public int Neighbours { get; init; } = 100;

    /// <summary>Damps similarities that rest on few customers; 0 is off. Default 0.</summary>
    [Range(0.0, 10_000.0)]
    public double Shrinkage { get; init; }
}

internal sealed record AlsOptions : RecommenderOptions
{
    /// <summary>Length of the vectors. Default 64.</summary>
    [Range(1, 512)]
    public int Factors { get; init; } = 64;

    /// <summary>Weight of the squared length of a vector, times its frequency scale. Default 0.003.</summary>
    [Range(0.000001, 10_000.0)]
    public float Regularisation { get; init; } = 0.003f;

    /// <summary>Weight of a pair without interaction, beside 1 for one of weight 1. Default 0.1.</summary>
    [Range(0.000001, 10.0)]
    public float UnobservedWeight { get; init; } = 0.1f;

    /// <summary>How regularisation grows with the entries of a row: 0 not, 1 in proportion. Default 1.</summary>
    [Range(0.0, 2.0)]
    public float FrequencyExponent { get; init; } = 1;

    /// <summary>Sweeps over customers and products. Default 15.</summary>
    [Range(1, 500)]
    public int Iterations { get; init; } = 15;
}

internal sealed record BlendOptions : RecommenderOptions
{
    /// <summary>
    /// Work for the search of settings, in seconds of a core of the reference machine. The clock stops it at ten times
    /// that. Default 60.
    /// </summary>
    [Range(1, 86_400)]
    public int SearchSeconds { get; init; } = 60;

    /// <summary>Share of the training part, the newest, on which settings are chosen. Default 0.15.</summary>
    [Range(0.01, 0.5)]
    public double ValidationShare { get; init; } = 0.15;

    /// <summary>Methods that would need more memory are left out. Default 512 MiB.</summary>
    [Range(16, 1_000_000)]
    public int MostMegabytes { get; init; } = 512;
}
