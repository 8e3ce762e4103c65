using System.Text.Json;
using Ecom.Algorithms.Recommendation;
using Ecom.Algorithms.Recommendation.Tuning;

namespace Ecom.Training.Trainers;

/// <summary>Products like those of the history, by who took up both.</summary>
internal sealed class ItemKnnTrainer : RecommenderTrainer
{
    public const string TrainerName = "item-knn";

    public override string Name => TrainerName;

    public override TrainerOptions ReadOptions(JsonElement? given) =>
        TrainerOptionsReader.Read<ItemKnnOptions>(given);

    protected override IReadOnlyList<Prediction> Predict(DataShape shape, RecommenderOptions options)
    {
        var own = (ItemKnnOptions)options;
        var recipe = new Recipe(Name, new Dictionary<string, double> { ["neighbours"] = own.Neighbours });
        return [new Prediction(Name, RecipeCosts.OfFit(recipe, shape))];
    }

    protected override IRecommender Fit(
        RecommenderData data, TrainerOptions options, int threads, CancellationToken cancellation)
    {
        var own = (ItemKnnOptions)options;
        var settings = new ItemNeighboursOptions
        {
            Weighting = own.Weighting,
            Neighbours = own.Neighbours,
            Shrinkage = own.Shrinkage,
            Threads = threads,
        };
        return ItemNeighbours.Fit(data.Matrix, data.Products, settings, cancellation);
    }
}
