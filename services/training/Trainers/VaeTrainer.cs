using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Ecom.Algorithms.Deep;
using Ecom.Algorithms.Recommendation;

namespace Ecom.Training.Trainers;

internal sealed record VaeOptions : RecommenderOptions
{
    /// <summary>Width of the hidden layers. Default 600.</summary>
    [Range(1, 4_096)]
    public int Hidden { get; init; } = 600;

    /// <summary>Hidden layers of the encoder. Default 1.</summary>
    [Range(1, 16)]
    public int HiddenLayers { get; init; } = 1;

    /// <summary>Length of the latent vector. Default 400.</summary>
    [Range(1, 4_096)]
    public int Latent { get; init; } = 400;

    /// <summary>Share of a history that a step does not see. Default 0.7.</summary>
    [Range(0.0, 0.95)]
    public double Dropout { get; init; } = 0.7;

    /// <summary>Weight of the prior for each item of a history. Default 0.005.</summary>
    [Range(0.0, 10.0)]
    public double Gamma { get; init; } = 0.005;

    /// <summary>Step length. Default 0.001.</summary>
    [Range(0.000001, 1.0)]
    public double LearningRate { get; init; } = 0.001;

    /// <summary>Histories a step. Default 250.</summary>
    [Range(1, 10_000)]
    public int BatchSize { get; init; } = 250;

    /// <summary>Most epochs; training stops early. Default 100.</summary>
    [Range(1, 10_000)]
    public int Epochs { get; init; } = 100;

    /// <summary>Epochs without a better validation after which training stops. Default 10.</summary>
    [Range(1, 1_000)]
    public int Patience { get; init; } = 10;
}

/// <summary>A variational autoencoder: what a history leaves out of its own reconstruction.</summary>
internal sealed class VaeTrainer : DeepTrainer
{
    public override string Name => "vae";

    public override TrainerOptions ReadOptions(JsonElement? given) => TrainerOptionsReader.Read<VaeOptions>(given);

    protected override TrainingCost CostOf(DataShape shape, RecommenderOptions options) =>
        VariationalAutoencoder.Predict(shape.Users, shape.Items, ToSettings((VaeOptions)options));

    protected override IRecommender Fit(
        RecommenderData data, TrainerOptions options, Action<double, string> onEpoch, CancellationToken cancellation) =>
        VariationalAutoencoder.Fit(
            data.Matrix, data.Products, ToSettings((VaeOptions)options), onEpoch, cancellation);

    private static VariationalAutoencoderOptions ToSettings(VaeOptions own) => new()
    {
        Hidden = own.Hidden,
        HiddenLayers = own.HiddenLayers,
        Latent = own.Latent,
        Dropout = own.Dropout,
        Gamma = own.Gamma,
        LearningRate = own.LearningRate,
        BatchSize = own.BatchSize,
        Epochs = own.Epochs,
        Patience = own.Patience,
        Seed = own.Seed,
    };
}
