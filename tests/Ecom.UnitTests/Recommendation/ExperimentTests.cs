using Ecom.Recommendation.Experiments;
using Ecom.Recommendation.Placements;
using Ecom.Recommendation.Rules;

namespace Ecom.UnitTests.Recommendation;

public sealed class ExperimentTests
{
    private static readonly Placement _home =
        new PlacementSettings { Sources = ["popular"] }.ToPlacement("home", 1);

    [Fact]
    public void Visitors_are_shared_out_as_planned_and_always_get_the_same_arm()
    {
        var running = new RunningExperiment(Of(share: 0.5, 1, 3), _home, []);
        var arms = Enumerable.Range(0, 20_000)
            .Select(visitor => running.ArmOf(RunningExperiment.UnitOf(null, $"v{visitor}")!.Value)?.Name ?? "none")
            .ToArray();

        Assert.InRange(arms.Count(arm => arm == "none"), 9_700, 10_300);
        Assert.InRange(arms.Count(arm => arm == "arm0"), 2_300, 2_700);
        Assert.InRange(arms.Count(arm => arm == "arm1"), 7_200, 7_800);
        Assert.Equal(arms, Enumerable.Range(0, 20_000)
            .Select(visitor => running.ArmOf(RunningExperiment.UnitOf(null, $"v{visitor}")!.Value)?.Name ?? "none"));
    }

    [Fact]
    public void Another_experiment_shares_out_anew()
    {
        var first = new RunningExperiment(Of(share: 1, 1, 1), _home, []);
        var second = new RunningExperiment(Of(share: 1, 1, 1) with { Number = 8 }, _home, []);
        var both = Enumerable.Range(0, 10_000)
            .Select(visitor => RunningExperiment.UnitOf($"c{visitor}", null)!.Value)
            .Count(unit => first.ArmOf(unit)!.Index == 1 && second.ArmOf(unit)!.Index == 1);

        Assert.InRange(both, 2_350, 2_650);
    }

    [Fact]
    public void A_larger_share_moves_nobody_to_another_arm()
    {
        var small = new RunningExperiment(Of(share: 0.2, 1, 1), _home, []);
        var large = new RunningExperiment(Of(share: 0.9, 1, 1), _home, []);

        Assert.All(
            Enumerable.Range(0, 2_000).Select(visitor => RunningExperiment.UnitOf($"c{visitor}", null)!.Value),
            unit => Assert.True(small.ArmOf(unit) is not { } arm || large.ArmOf(unit)?.Name == arm.Name));
    }

    [Fact]
    public void Signing_in_changes_no_arm_while_the_browser_is_named() =>
        Assert.Equal(RunningExperiment.UnitOf(null, "v"), RunningExperiment.UnitOf("ann", "v"));

    [Fact]
    public void An_arm_has_the_rules_that_it_names_at_this_placement_but_no_retired_one()
    {
        var experiment = Of(share: 1, 1, 1);
        Rule Numbered(long number, string state, params string[] placements) => new()
        {
            Number = number,
            Version = 1,
            State = state,
            Plan = new RulePlan
            {
                Exclude = true,
                ExpiresAt = DateTimeOffset.MaxValue,
                Placements = placements,
                When = new() { Products = [$"p{number}"] },
            },
            ChangedBy = "test",
            ChangedAt = DateTimeOffset.UnixEpoch,
        };
        var running = new RunningExperiment(
            experiment with
            {
                Plan = experiment.Plan with
                {
                    Arms =
                    [
                        experiment.Plan.Arms[0], experiment.Plan.Arms[1] with { Rules = [1, 2, 3, 5] },
                    ],
                },
            },
            _home,
            [
                Numbered(1, "draft"), Numbered(2, "active", "home"), Numbered(3, "retired"), Numbered(4, "active"),
                Numbered(5, "active", "cart"),
            ]);
        var arms = Enumerable.Range(0, 50)
            .Select(visitor => running.ArmOf(RunningExperiment.UnitOf($"c{visitor}", null)!.Value)!)
            .DistinctBy(arm => arm.Index)
            .OrderBy(arm => arm.Index)
            .ToArray();
        RuleCandidate[] ranked = [.. Enumerable.Range(1, 5).Select(number => new RuleCandidate($"p{number}", null))];
        var places = new int[5];

        Assert.Null(arms[0].Rules);
        Assert.Equal(3, arms[1].Rules!.Arrange(ranked, true, DateTimeOffset.UnixEpoch, places));
        Assert.Equal([2, 3, 4], places[..3]);
    }

    [Fact]
    public void Visitors_of_a_stopped_arm_take_no_part()
    {
        var running = new RunningExperiment(Of(share: 1, 1, 1) with { StoppedArms = ["arm1"] }, _home, []);

        Assert.DoesNotContain(
            Enumerable.Range(0, 1_000).Select(
                visitor => running.ArmOf(RunningExperiment.UnitOf($"c{visitor}", null)!.Value)),
            arm => arm?.Index == 1);
    }

    [Fact]
    public void A_clear_winner_is_told_and_a_broken_guard_rail_too()
    {
        var experiment = Of(share: 1, 1, 1);
        experiment = experiment with
        {
            Plan = experiment.Plan with { GuardRails = [new GuardRail { Metric = "slowShare", Tolerance = 0.01 }] },
        };

        var results = ExperimentResults.Of(experiment, [Counts(0, 5_000, 300, slow: 10), Counts(1, 5_000, 450, 900)]);

        Assert.Equal("arm1", results.Verdict);
        Assert.True(results.Arms[1].Differences["click"].Low > 0);
        Assert.Equal(("arm1", "slowShare"), (results.BrokenGuardRails[0].Arm, results.BrokenGuardRails[0].Metric));
        Assert.Equal("running", ExperimentResults.Of(
            experiment, [Counts(0, 5_000, 300, 0), Counts(1, 5_000, 305, 0)]).Verdict);
        Assert.Equal("arm0", ExperimentResults.Of(
            experiment, [Counts(0, 5_000, 450, 0), Counts(1, 5_000, 300, 0)]).Verdict);
    }

    [Fact]
    public void Arms_of_the_wrong_size_are_not_compared()
    {
        var results = ExperimentResults.Of(Of(share: 1, 1, 1), [Counts(0, 5_000, 300, 0), Counts(1, 4_500, 450, 0)]);

        Assert.True(results.SampleRatioMismatch);
        Assert.Equal("mismatch", results.Verdict);
    }

    [Fact]
    public void Too_few_visitors_give_no_ends()
    {
        var results = ExperimentResults.Of(Of(share: 1, 1, 1), [Counts(0, 50, 1, 0), Counts(1, 50, 40, 0)]);

        Assert.Equal("running", results.Verdict);
        Assert.Null(results.Arms[1].Differences["click"].Low);
    }

    [Fact]
    public void A_wrong_plan_is_told_place_by_place()
    {
        var errors = new ExperimentPlan
        {
            Metric = "luck",
            Share = 0,
            Arms = [new ArmPlan { Name = "a", Weight = double.NaN }, new ArmPlan { Name = "a", Settings = new() }],
            GuardRails = [new GuardRail { Metric = "luck", Tolerance = -1 }],
        }.Check(longestAnswer: 50);

        Assert.Equal(
            [
                "arms[0].weight", "arms[1].name", "arms[1].settings.sources", "guardRails[0].metric",
                "guardRails[0].tolerance", "metric", "owner", "placement", "share",
            ],
            errors.Keys.Order(StringComparer.Ordinal));
    }

    private static Experiment Of(double share, params double[] weights) => new()
    {
        Number = 7,
        Name = "x",
        Version = 1,
        State = "running",
        StoppedArms = [],
        ChangedBy = "test",
        ChangedAt = DateTimeOffset.UnixEpoch,
        Plan = new ExperimentPlan
        {
            Placement = "home",
            Owner = "test",
            Share = share,
            Arms = [.. weights.Select((weight, index) => new ArmPlan { Name = $"arm{index}", Weight = weight })],
        },
    };

    private static ArmCounts Counts(int arm, long visitors, long clicked, long slow) => new()
    {
        Arm = arm,
        Visitors = visitors,
        Measured = visitors,
        Clicked = clicked,
        Carted = 0,
        Bought = 0,
        Revenue = 0,
        RevenueSquared = 0,
        Answers = visitors,
        Empty = 0,
        Slow = slow,
        Degraded = 0,
    };
}
