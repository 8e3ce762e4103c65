using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Ecom.Algorithms.Deep;
using Ecom.Algorithms.Recommendation;

namespace Ecom.Training.Trainers;

internal sealed record NcfOptions : RecommenderOptions
{
    /// <summary>Length of each half of a vector. Default 32.</summary>
    [Range(1, 512)]
    public int Factors { get; init; } = 32;

    /// <summary>Products drawn at random for each one of a history. Default 4.</summary>
    [Range(1, 100)]
    public int Negatives { get; init; } = 4;

    /// <summary>Step length. Default 0.002.</summary>
    [Range(0.000001, 1.0)]
    public double LearningRate { get; init; } = 0.002;

    /// <summary>Histories a step. Default 64.</summary>
    [Range(1, 10_000)]
    public int BatchSize { get; init; } = 64;

    /// <summary>Most epochs; training stops early. Default 30.</summary>
    [Range(1, 10_000)]
    public int Epochs { get; init; } = 30;

    /// <summary>Epochs without a better validation after which training stops. Default 4.</summary>
    [Range(1, 1_000)]
    public int Patience { get; init; } = 4;
}

/// <summary>Neural collaborative filtering: a learned function of a history and a product.</summary>
internal sealed class NcfTrainer : DeepTrainer
{
    public override string Name => "ncf";

    public override TrainerOptions ReadOptions(JsonElement? given) => TrainerOptionsReader.Read<NcfOptions>(given);

    protected override TrainingCost CostOf(DataShape shape, RecommenderOptions options) =>
        NeuralCollaborativeFiltering.Predict(
            shape.Users, shape.Items, shape.Entries, ToSettings((NcfOptions)options));

    protected override IRecommender Fit(
        RecommenderData data, TrainerOptions options, Action<double, string> onEpoch, CancellationToken cancellation) =>
        NeuralCollaborativeFiltering.Fit(
            data.Matrix, data.Products, ToSettings((NcfOptions)options), onEpoch, cancellation);

    private static NeuralCollaborativeFilteringOptions ToSettings(NcfOptions own) => new()
    {
        Factors = own.Factors,
        Negatives = own.Negatives,
        LearningRate = own.LearningRate,
        BatchSize = own.BatchSize,
        Epochs = own.Epochs,
        Patience = own.Patience,
        Seed = own.Seed,
    };
}
