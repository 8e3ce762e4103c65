using System.Text.Json;
using Ecom.Training.Trainers;

namespace Ecom.UnitTests.Training;

public sealed class TrainerOptionsTests
{
    public static TheoryData<string> TrainerNames => [.. TrainerCatalogue.All.Select(trainer => trainer.Name)];

    [Theory]
    [MemberData(nameof(TrainerNames))]
    public void Nothing_given_gives_the_defaults_and_they_survive_storage(string name)
    {
        var trainer = TrainerCatalogue.Find(name)!;
        var defaults = trainer.ReadOptions(null);
        Assert.Equal(defaults, trainer.ReadOptions(TrainingOf.Json(new { })));
        Assert.Equal(defaults, trainer.ReadOptions(JsonSerializer.Deserialize<JsonElement>(defaults.ToJson())));
        Assert.Equal(1, defaults.Seed);
    }

    [Theory]
    [MemberData(nameof(TrainerNames))]
    public void An_option_that_does_not_exist_is_refused(string name)
    {
        var error = Assert.Throws<TrainerOptionsException>(
            () => TrainerCatalogue.Find(name)!.ReadOptions(TrainingOf.Json(new { sead = 3 })));
        Assert.Contains("sead", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("als", """{"factors":0}""", "factors")]
    [InlineData("als", """{"factors":"many"}""", "factors")]
    [InlineData("als", """{"iterations":501}""", "iterations")]
    [InlineData("als", """{"seed":-1}""", "seed")]
    [InlineData("item-knn", """{"neighbours":1001}""", "neighbours")]
    [InlineData("item-knn", """{"shrinkage":-1}""", "shrinkage")]
    [InlineData("popularity", """{"halfLifeDays":0}""", "halfLifeDays")]
    [InlineData("popularity", """{"testShare":0.95}""", "testShare")]
    [InlineData("popularity", """{"historyDays":0}""", "historyDays")]
    [InlineData("popularity", "[1]", "options")]
    [InlineData("fraud-trees", """{"trees":0}""", "trees")]
    [InlineData("fraud-trees", """{"depth":21}""", "depth")]
    [InlineData("fraud-trees", """{"learningRate":0}""", "learningRate")]
    [InlineData("fraud-trees", """{"testDays":0}""", "testDays")]
    [InlineData("fraud-logistic", """{"labelMaturityDays":366}""", "labelMaturityDays")]
    [InlineData("fraud-logistic", """{"penalty":-1}""", "penalty")]
    [InlineData("fraud-logistic", """{"minimumFrauds":0}""", "minimumFrauds")]
    public void A_value_out_of_range_is_refused_by_its_name(string name, string json, string field)
    {
        var error = Assert.Throws<TrainerOptionsException>(
            () => TrainerCatalogue.Find(name)!.ReadOptions(JsonSerializer.Deserialize<JsonElement>(json)));
        Assert.Equal(field, Assert.Single(error.Errors).Key);
    }

    [Fact]
    public void Names_are_unique_and_baselines_exist_for_the_same_model()
    {
        var names = TrainerCatalogue.All.Select(trainer => trainer.Name).ToArray();
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.All(TrainerCatalogue.All, trainer => Assert.All(
            trainer.Baselines.Where(name => TrainerCatalogue.Find(name) is not null),
            name => Assert.Equal(trainer.Model, TrainerCatalogue.Find(name)!.Model)));
    }
}
