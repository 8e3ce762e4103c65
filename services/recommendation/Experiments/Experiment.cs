using System.Text.Json.Serialization;
using Ecom.Recommendation.Placements;
using Ecom.Recommendation.Rules;
using Ecom.Recommendation.Settings;

namespace Ecom.Recommendation.Experiments;

/// <summary>A comparison of ways to fill a placement, as it is sent and stored.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ExperimentPlan
{
    private const int MostArms = 8;

    /// <summary>Placement whose visitors take part.</summary>
    public string Placement { get; init; } = string.Empty;

    /// <summary>Who answers for it.</summary>
    public string Owner { get; init; } = string.Empty;

    /// <summary>What is believed, in a sentence.</summary>
    public string? Hypothesis { get; init; }

    /// <summary>Share of the placement's visitors that take part, above 0 to 1. Default 1.</summary>
    public double Share { get; init; } = 1;

    /// <summary>2 to 8 arms; the first is the control.</summary>
    public IReadOnlyList<ArmPlan> Arms { get; init => field = value ?? []; } = [];

    /// <summary>What decides: click, cart, buy (share of visitors) or revenue (a visitor). Default click.</summary>
    public string Metric { get; init; } = "click";

    /// <summary>Outcomes count this long after a visitor's first answer, 0.0003 to 720 hours. Default 24.</summary>
    public double WindowHours { get; init; } = 24;

    /// <summary>Probability of ever deciding for a difference that is none, 0.001 to 0.2. Default 0.05.</summary>
    public double Alpha { get; init; } = 0.05;

    /// <summary>Visitors at which the interval is to be narrowest. Default 10,000. It holds at any number.</summary>
    public int PlannedVisitors { get; init; } = 10_000;

    /// <summary>What must not become worse: an arm for which it does is stopped.</summary>
    public IReadOnlyList<GuardRail> GuardRails { get; init => field = value ?? []; } = [];

    /// <summary>All rules that arms name, each once.</summary>
    [JsonIgnore]
    public IEnumerable<long> NamedRules => Arms.SelectMany(arm => arm.Rules ?? []).Distinct();

    /// <summary>What is wrong, by JSON path; empty when nothing is.</summary>
    /// <param name="longestAnswer">Most products that one answer may hold.</param>
    public Dictionary<string, string[]> Check(int longestAnswer)
    {
        var errors = new Dictionary<string, string[]>();
        errors.CheckText("placement", Placement);
        errors.CheckText("owner", Owner);
        errors.CheckRange("share", Share, double.Epsilon, 1);
        errors.CheckRange("windowHours", WindowHours, 0.0003, 720);
        errors.CheckRange("alpha", Alpha, 0.001, 0.2);
        errors.CheckRange("plannedVisitors", PlannedVisitors, 200, 1e9);
        if (!VisitorMetrics.Names.Contains(Metric))
        {
            errors["metric"] = [$"One of: {string.Join(", ", VisitorMetrics.Names)}."];
        }

        if (Arms.Count is < 2 or > MostArms)
        {
            errors["arms"] = [$"2 to {MostArms} arms, the control first."];
        }

        foreach (var (index, arm) in Arms.Index())
        {
            errors.CheckText($"arms[{index}].name", arm.Name);
            errors.CheckRange($"arms[{index}].weight", arm.Weight, 0.001, 1_000);
            if (Arms.Take(index).Any(other => other.Name == arm.Name))
            {
                errors[$"arms[{index}].name"] = [$"\"{arm.Name}\" stands here twice."];
            }

            if (arm.Rules is { } rules && (rules.Count > RuleSet.MostRules || rules.Distinct().Count() < rules.Count))
            {
                errors[$"arms[{index}].rules"] = [$"At most {RuleSet.MostRules} numbers, each once."];
            }

            foreach (var (path, reasons) in arm.Settings?.Check(longestAnswer) ?? [])
            {
                errors[$"arms[{index}].settings.{path}"] = reasons;
            }
        }

        foreach (var (index, rail) in GuardRails.Index())
        {
            if (!GuardRail.Names.Contains(rail.Metric))
            {
                errors[$"guardRails[{index}].metric"] = [$"One of: {string.Join(", ", GuardRail.Names)}."];
            }

            errors.CheckRange($"guardRails[{index}].tolerance", rail.Tolerance, 0, 1e9);
        }

        return errors;
    }
}

/// <summary>One way to fill the placement.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ArmPlan
{
    public string Name { get; init; } = string.Empty;

    /// <summary>Share of the visitors who take part, relative to the other arms. Default 1.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>How the placement is filled; null: as it is set.</summary>
    public PlacementSettings? Settings { get; init; }

    /// <summary>
    /// Numbers of the rules that hold in this arm, drafts too; empty: none; null: those that are active. Rules that are
    /// retired or expire meanwhile end here as well.
    /// </summary>
    public IReadOnlyList<long>? Rules { get; init; }
}

/// <summary>What must not become worse than in the control.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record GuardRail
{
    /// <summary>Shares of answers, where more is worse; then means of visitors, where less is worse.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["emptyShare", "slowShare", "degradedShare", .. VisitorMetrics.Names];

    public string Metric { get; init; } = string.Empty;

    /// <summary>How much worse, in the metric's own unit, is still borne. Default 0.</summary>
    public double Tolerance { get; init; }

    [JsonIgnore]
    public bool MoreIsWorse => !VisitorMetrics.Names.Contains(Metric);
}

/// <summary>What is measured of a visitor.</summary>
internal static class VisitorMetrics
{
    public static IReadOnlyList<string> Names { get; } = ["click", "cart", "buy", "revenue"];
}

/// <summary>An experiment with its state.</summary>
internal sealed record Experiment
{
    /// <summary>In ids of answers.</summary>
    public required int Number { get; init; }

    public required string Name { get; init; }

    public required int Version { get; init; }

    /// <summary>draft, running or stopped.</summary>
    public required string State { get; init; }

    public required ExperimentPlan Plan { get; init; }

    /// <summary>Arms that a guard-rail stopped: their visitors get the control, uncounted.</summary>
    public required IReadOnlyList<string> StoppedArms { get; init; }

    /// <summary>Arm that was chosen at the end; null if none was.</summary>
    public string? Winner { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? StoppedAt { get; init; }

    public required string ChangedBy { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }
}
