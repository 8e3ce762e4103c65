using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Ecom.Recommendation.Lists;
using Ecom.Recommendation.Placements;
using Ecom.Recommendation.Rules;

namespace Ecom.Recommendation.Experiments;

/// <summary>A running experiment, made ready for requests.</summary>
internal sealed class RunningExperiment
{
    private readonly Arm[] _arms;
    private readonly double[] _ends;
    private readonly double _share;

    /// <param name="experiment">The experiment.</param>
    /// <param name="placement">The placement as it is set.</param>
    /// <param name="rules">The rules that arms name.</param>
    public RunningExperiment(Experiment experiment, Placement placement, IReadOnlyCollection<Rule> rules)
    {
        Number = experiment.Number;
        Name = experiment.Name;
        _share = experiment.Plan.Share;
        var weight = experiment.Plan.Arms.Sum(arm => arm.Weight);
        _arms =
        [
            .. experiment.Plan.Arms.Select((arm, index) => new Arm
            {
                Experiment = experiment.Name,
                Name = arm.Name,
                ExperimentNumber = experiment.Number,
                Index = index,
                Propensity = arm.Weight / weight,
                IsStopped = experiment.StoppedArms.Contains(arm.Name),
                Placement = arm.Settings?.ToPlacement(placement.Name, placement.Version) ?? placement,
                Rules = arm.Rules is null ? null : RuleSet.Of(
                    rules.Where(rule => rule.State != "retired" && arm.Rules.Contains(rule.Number)), placement.Name),
            }),
        ];
        _ends = [.. _arms.Select((_, index) => _arms.Take(index + 1).Sum(arm => arm.Propensity))];
    }

    public int Number { get; }

    public string Name { get; }

    /// <summary>The arm of a visitor, always the same; null when the visitor does not take part.</summary>
    /// <param name="unit">The unit of the visitor.</param>
    public Arm? ArmOf(long unit)
    {
        // Two draws of their own, so that a larger share adds visitors and moves none to another arm.
        if (Draw(unit, (2 * (ulong)Number) + 1) >= _share)
        {
            return null;
        }

        var draw = Draw(unit, 2 * (ulong)Number);
        var index = 0;
        while (index < _ends.Length - 1 && draw >= _ends[index])
        {
            index++;
        }

        return _arms[index].IsStopped ? null : _arms[index];
    }

    /// <summary>The arm that is compared with.</summary>
    public Arm Control => _arms[0];

    /// <summary>
    /// Whom experiments count: the browser when it is named, so that signing in changes no arm; else the customer. Null
    /// when nobody is named.
    /// </summary>
    public static long? UnitOf(string? customerId, string? anonymousId) =>
        Visitor.Of(anonymousId is null ? customerId : null, anonymousId) is { } visitor ? UnitOf(visitor) : null;

    /// <summary>The unit of a visitor as <see cref="Visitor"/> names it: the first 64 bits of its SHA-256.</summary>
    public static long UnitOf(string visitor)
    {
        Span<byte> text = stackalloc byte[Encoding.UTF8.GetMaxByteCount(visitor.Length)];
        var length = Encoding.UTF8.GetBytes(visitor, text);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..length], hash);
        return BinaryPrimitives.ReadInt64BigEndian(hash);
    }

    // In [0, 1). The finaliser of SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators",
    // OOPSLA 2014.
    private static double Draw(long unit, ulong salt)
    {
        var bits = (ulong)unit + (salt * 0x9E3779B97F4A7C15);
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        bits ^= bits >> 31;
        return (bits >> 11) * (1.0 / (1UL << 53));
    }
}

/// <summary>An arm of a running experiment.</summary>
internal sealed record Arm
{
    public required string Experiment { get; init; }

    public required string Name { get; init; }

    public required int ExperimentNumber { get; init; }

    public required int Index { get; init; }

    /// <summary>Probability of this arm for a visitor who takes part.</summary>
    public required double Propensity { get; init; }

    public required bool IsStopped { get; init; }

    /// <summary>The placement as this arm fills it.</summary>
    public required Placement Placement { get; init; }

    /// <summary>The rules of this arm; null: those that are active at the placement.</summary>
    public required RuleSet? Rules { get; init; }
}
