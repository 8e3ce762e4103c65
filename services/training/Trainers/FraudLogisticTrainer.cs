using System.Text.Json;
using Ecom.Algorithms.Fraud;

namespace Ecom.Training.Trainers;

/// <summary>Logistic regression: few weights, each of which can be read.</summary>
internal sealed class FraudLogisticTrainer : FraudTrainer
{
    public const string TrainerName = "fraud-logistic";

    public override string Name => TrainerName;

    public override IReadOnlyList<string> Baselines => [Rules];

    public override TrainerOptions ReadOptions(JsonElement? given) =>
        TrainerOptionsReader.Read<FraudLogisticOptions>(given);

    protected override FraudRecipe RecipeOf(FraudOptions options) =>
        new() { Trees = null, Penalty = ((FraudLogisticOptions)options).Penalty };
}
