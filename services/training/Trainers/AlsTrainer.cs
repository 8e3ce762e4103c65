using System.Text.Json;
using Ecom.Algorithms.Recommendation;
using Ecom.Algorithms.Recommendation.Tuning;

namespace Ecom.Training.Trainers;

/// <summary>Vectors of customers and products whose product is what a customer wants, from implicit feedback.</summary>
internal sealed class AlsTrainer : RecommenderTrainer
{
    private const double ValidationShare = 0.15;

    public override string Name => "als";

    public override TrainerOptions ReadOptions(JsonElement? given) => TrainerOptionsReader.Read<AlsOptions>(given);

    protected override IReadOnlyList<Prediction> Predict(DataShape shape, RecommenderOptions options)
    {
        var own = (AlsOptions)options;
        var recipe = new Recipe(Name, new Dictionary<string, double>
        {
            ["factors"] = own.Factors,
            ["iterations"] = own.Iterations,
        });
        return [new Prediction(Name, RecipeCosts.OfFit(recipe, shape))];
    }

    protected override RecommenderOptions Settle(
        RecommenderData data,
        RecommenderOptions options,
        int threads,
        Action<string> report,
        CancellationToken cancellation)
    {
        var split = ValidationOf(data, ValidationShare);
        return !split.IsEmpty && LearntWeights.Of(split, options, threads, report, cancellation) is { } weights
            ? options with { Settled = new SettledRecipe { EventWeights = weights } }
            : options;
    }

    protected override IRecommender Fit(
        RecommenderData data, TrainerOptions options, int threads, CancellationToken cancellation)
    {
        var own = (AlsOptions)options;
        var settings = new AlternatingLeastSquaresOptions
        {
            Factors = own.Factors,
            Regularisation = own.Regularisation,
            UnobservedWeight = own.UnobservedWeight,
            FrequencyExponent = own.FrequencyExponent,
            Iterations = own.Iterations,
            Seed = own.Seed,
            Threads = threads,
        };
        return AlternatingLeastSquares.Fit(data.Matrix, data.Products, settings, cancellation);
    }
}
