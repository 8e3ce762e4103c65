using Ecom.Training.Registry;

namespace Ecom.UnitTests.Training;

public sealed class GateTests
{
    private static readonly GateCase _first = new()
    {
        Metric = "ndcg@10",
        Challenger = 0.2,
        Baselines = new Dictionary<string, double> { ["popularity"] = 0.1 },
    };

    private static readonly GateCase _second = _first with { ChampionVersion = 3, Champion = 0.15 };

    [Fact]
    public void The_first_version_passes_when_it_is_no_worse_than_the_baseline()
    {
        Assert.True(Gate.Decide(_first).Passed);
        Assert.True(Gate.Decide(_first with { Challenger = 0.1 }).Passed);
        AssertFails(_first with { Challenger = 0.0999 }, "below baseline popularity");
    }

    [Fact]
    public void A_challenger_must_beat_the_champion_and_the_baselines()
    {
        Assert.True(Gate.Decide(_second).Passed);
        AssertFails(_second with { Champion = 0.2 }, "does not beat champion 3");
        AssertFails(_second with { Champion = 0.21 }, "does not beat champion 3");
        AssertFails(_second with { Challenger = 0.09, Champion = 0.05 }, "below baseline popularity");
    }

    [Fact]
    public void A_gain_below_the_minimum_is_none()
    {
        Assert.True(Gate.Decide(_second with { MinimumGain = 0.04 }).Passed);
        AssertFails(_second with { MinimumGain = 0.06 }, "does not beat champion 3");
    }

    [Fact]
    public void The_champions_recipe_on_newer_data_passes_without_gain_unless_nothing_changed()
    {
        var refit = _second with { Champion = 0.2, SameRecipe = true };
        Assert.True(Gate.Decide(refit).Passed);
        AssertFails(refit with { SameArtefact = true }, "nothing to promote");
        AssertFails(refit with { Challenger = 0.05, Champion = 0.05 }, "below baseline");
    }

    [Fact]
    public void A_champion_that_was_not_measured_cannot_be_beaten() =>
        AssertFails(_second with { Champion = null }, "was not measured in this run");

    [Fact]
    public void Not_a_number_never_passes() => AssertFails(_first with { Challenger = double.NaN }, "not a number");

    private static void AssertFails(GateCase one, string because)
    {
        var verdict = Gate.Decide(one);
        Assert.False(verdict.Passed);
        Assert.Contains(because, verdict.Reason, StringComparison.Ordinal);
    }
}
