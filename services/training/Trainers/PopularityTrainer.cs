using System.Text.Json;
using Ecom.Algorithms.Recommendation;
using Ecom.Algorithms.Recommendation.Tuning;

namespace Ecom.Training.Trainers;

/// <summary>The same list for everybody, by interactions that fade with age: the baseline.</summary>
internal sealed class PopularityTrainer : RecommenderTrainer
{
    public const string TrainerName = "popularity";

    public override string Name => TrainerName;

    public override TrainerOptions ReadOptions(JsonElement? given) =>
        TrainerOptionsReader.Read<PopularityOptions>(given);

    protected override IReadOnlyList<Prediction> Predict(DataShape shape, RecommenderOptions options) =>
        [new Prediction(Name, RecipeCosts.OfFit(new Recipe(Name, new Dictionary<string, double>()), shape))];

    protected override IRecommender Fit(
        RecommenderData data, TrainerOptions options, int threads, CancellationToken cancellation)
    {
        if (((PopularityOptions)options).HalfLifeDays is not { } halfLife)
        {
            return Popularity.Fit(data.Matrix, data.Products);
        }

        var newest = data.Events[^1].At;
        var faded = data.Weigh(
            one => one.Weight * (float)Math.Pow(2, -(newest - one.At).TotalDays / halfLife));
        return Popularity.Fit(faded, data.Products);
    }
}
