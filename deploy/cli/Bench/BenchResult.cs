namespace Ecom.Cli.Bench;

/// <summary>What a benchmark came to, in the form of its JSON.</summary>
internal sealed record BenchResult
{
    public required string Bench { get; init; }

    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>The same machine at something plain, in the same run.</summary>
    public required IReadOnlyDictionary<string, double> Yardstick { get; init; }

    /// <summary>Main figure over the yard-stick.</summary>
    public required double Ratio { get; init; }

    /// <summary>Figures of each process, by its name and the figure's; empty where none are taken.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Processes { get; init; } =
        new Dictionary<string, IReadOnlyDictionary<string, double>>();

    /// <summary>What figures are held against, by the metric's name.</summary>
    public IReadOnlyDictionary<string, BenchTarget> Targets { get; init; } = new Dictionary<string, BenchTarget>();

    /// <summary>What the reader of the figures must know, for example that the system fell behind.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>A bar that must be met and a goal beyond it.</summary>
/// <param name="Bar">Level with the best peer.</param>
/// <param name="Goal">Ahead of every peer.</param>
/// <param name="AtLeast">Whether more is better.</param>
internal sealed record BenchTarget(double Bar, double Goal, bool AtLeast)
{
    public bool Meets(double value) => AtLeast ? value >= Bar : value <= Bar;

    public bool Reaches(double value) => AtLeast ? value >= Goal : value <= Goal;
}
