using Ecom.Algorithms.Recommendation.Tuning;

namespace Ecom.UnitTests.Algorithms.Recommendation;

public sealed class EventWeightsTests
{
    private static readonly Dictionary<string, double> _start = new() { ["buy"] = 1, ["view"] = 0, ["cart"] = 0 };

    [Fact]
    public void The_best_weights_of_the_list_are_found_and_the_target_keeps_its_own()
    {
        var (weights, value) = EventWeights.Learn(_start, "buy", Judge);

        Assert.Equal((1.0, 0.1, 0.7), (weights["buy"], weights["view"], weights["cart"]));
        Assert.Equal(0, value, 1e-12);
    }

    [Fact]
    public void It_ends_when_its_tries_are_used_up()
    {
        var tries = 0;
        var (weights, _) = EventWeights.Learn(_start, "buy", trial => Judge(trial) + (0 * tries++), mostTries: 3);

        Assert.Equal(3, tries);
        Assert.Equal(0, weights["view"]);
    }

    [Fact]
    public void With_one_kind_there_is_nothing_to_learn() => Assert.Equal(
        1, EventWeights.Learn(new Dictionary<string, double> { ["buy"] = 1 }, "buy", _ => 0.5).Weights["buy"]);

    private static double Judge(IReadOnlyDictionary<string, double> weights) =>
        -Math.Pow(weights["view"] - 0.1, 2) - Math.Pow(weights["cart"] - 0.7, 2);
}
