using System.Text.Json;
using Ecom.Algorithms.Classification;
using Ecom.Algorithms.Fraud;

namespace Ecom.Training.Trainers;

/// <summary>Gradient boosted trees; the default fraud model.</summary>
internal sealed class FraudTreesTrainer : FraudTrainer
{
    public override string Name => "fraud-trees";

    public override IReadOnlyList<string> Baselines => [Rules, FraudLogisticTrainer.TrainerName];

    public override TrainerOptions ReadOptions(JsonElement? given) =>
        TrainerOptionsReader.Read<FraudTreesOptions>(given);

    protected override FraudRecipe RecipeOf(FraudOptions options)
    {
        var trees = (FraudTreesOptions)options;
        return new FraudRecipe
        {
            Trees = new GradientBoostingOptions
            {
                Trees = trees.Trees,
                Leaves = trees.Leaves,
                Depth = trees.Depth,
                LearningRate = trees.LearningRate,
                Rows = 0.5,
                Columns = 0.5,
            },
        };
    }
}
