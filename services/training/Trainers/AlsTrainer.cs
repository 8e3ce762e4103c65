using System.Text.Json;
using Ecom.Algorithms.Recommendation;
using Ecom.Algorithms.Recommendation.Tuning;

namespace Ecom.Training.Trainers;

/// <summary>Vectors of customers and products whose product is what a customer wants, from implicit feedback.</summary>
internal sealed class AlsTrainer : RecommenderTrainer
{
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
