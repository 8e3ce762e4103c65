using System.Globalization;

namespace Ecom.Training.Registry;

/// <summary>Whether a new version may replace the champion, and why.</summary>
internal sealed record GateVerdict(bool Passed, string Reason);

/// <summary>What the gate looks at; all numbers come from one run and one split.</summary>
internal sealed record GateCase
{
    /// <summary>Name of the metric that decides; more is better.</summary>
    public required string Metric { get; init; }

    public required double Challenger { get; init; }

    /// <summary>The metric of each baseline, by trainer name.</summary>
    public required IReadOnlyDictionary<string, double> Baselines { get; init; }

    /// <summary>The version that is champion now; null if there is none.</summary>
    public int? ChampionVersion { get; init; }

    /// <summary>The metric of the champion's recipe; null if the run did not measure it.</summary>
    public double? Champion { get; init; }

    /// <summary>Challenger and champion have trainer and options in common: only the data differ.</summary>
    public bool SameRecipe { get; init; }

    /// <summary>Both artefacts have the same bytes.</summary>
    public bool SameArtefact { get; init; }

    /// <summary>What the challenger must have above the champion.</summary>
    public double MinimumGain { get; init; }
}

/// <summary>The gate: no worse than the baselines, better than the champion.</summary>
/// <remarks>
/// <para>The champion is measured by its recipe, fitted on the training part of this run: its artefact was fitted on
/// data that may lie in this run's test part, and would win by having seen the answers.</para>
/// <para>The champion's own recipe on newer data passes without gain, or no champion would ever be refreshed.</para>
/// </remarks>
internal static class Gate
{
    public static GateVerdict Decide(GateCase one)
    {
        if (!double.IsFinite(one.Challenger))
        {
            return new(false, $"{one.Metric} is not a number.");
        }

        foreach (var (baseline, value) in one.Baselines)
        {
            if (one.Challenger < value)
            {
                return new(false, Text($"{one.Metric} {one.Challenger:F4} is below baseline {baseline} {value:F4}."));
            }
        }

        return one.ChampionVersion is { } version ? AgainstChampion(one, version) : new(true, Text(
            $"{one.Metric} {one.Challenger:F4}, no worse than {BestBaseline(one)}; there was no champion."));
    }

    private static GateVerdict AgainstChampion(GateCase one, int version)
    {
        if (one.SameArtefact)
        {
            return new(false, $"The artefact equals that of champion {version}: nothing to promote.");
        }

        if (one.Champion is not { } champion)
        {
            return new(false, $"Champion {version} was not measured in this run, so they cannot be compared. "
                + "Train again, or promote by hand.");
        }

        if (one.SameRecipe)
        {
            return new(true, Text(
                $"The recipe of champion {version} on newer data; {one.Metric} {one.Challenger:F4}."));
        }

        var gain = one.Challenger - champion;
        return gain > 0 && gain >= one.MinimumGain
            ? new(true, Text(
                $"{one.Metric} {one.Challenger:F4} beats champion {version} with {champion:F4}; {BestBaseline(one)}."))
            : new(false, Text(
                $"{one.Metric} {one.Challenger:F4} does not beat champion {version} with {champion:F4}."));
    }

    private static string BestBaseline(GateCase one) => one.Baselines.Count == 0
        ? "no baseline"
        : one.Baselines.MaxBy(pair => pair.Value) is var (name, value)
            ? Text($"baseline {name} {value:F4}")
            : string.Empty;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
