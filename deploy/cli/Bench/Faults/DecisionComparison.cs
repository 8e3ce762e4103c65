namespace Ecom.Cli.Bench.Faults;

/// <summary>What a broken system decided, beside what a whole one decided on the same stream.</summary>
internal sealed record DecisionComparison
{
    /// <summary>The largest share of decisions that may be others without saying that they are degraded.</summary>
    public const double MostChanged = 0.001;

    private const int Examples = 6;

    /// <summary>Payments that both decided.</summary>
    public required int Payments { get; init; }

    /// <summary>Of them, how many were decided otherwise.</summary>
    public required int Changed { get; init; }

    /// <summary>Of these, how many say that counters were not whole, as while Redis is rebuilt.</summary>
    public required int Degraded { get; init; }

    /// <summary>Some of those decided otherwise, in words; those that are not degraded first.</summary>
    public required IReadOnlyList<string> Lines { get; init; }

    /// <summary>How many may be decided otherwise.</summary>
    public int Most => (int)(MostChanged * Payments);

    /// <summary>False also if there was nothing to compare.</summary>
    public bool IsClose => Payments > 0 && Changed - Degraded <= Most;

    /// <summary>Compares by payment; questions of probes are left out.</summary>
    public static DecisionComparison Of(
        IReadOnlyList<StoredDecision> broken, IReadOnlyList<StoredDecision> clean)
    {
        var expected = clean.ToDictionary(decision => decision.PaymentId);
        var both = broken
            .Where(decision => !decision.PaymentId.StartsWith(Probes.Prefix, StringComparison.Ordinal))
            .Where(decision => expected.ContainsKey(decision.PaymentId))
            .Select(decision => (Was: decision, WouldBe: expected[decision.PaymentId]))
            .ToList();
        var changed = both.Where(pair => pair.Was.Decision != pair.WouldBe.Decision).ToList();
        return new DecisionComparison
        {
            Payments = both.Count,
            Changed = changed.Count,
            Degraded = changed.Count(pair => pair.Was.Degraded),
            Lines =
            [
                .. changed.OrderBy(pair => pair.Was.Degraded).Take(Examples).Select(pair =>
                    $"changed: {pair.Was.PaymentId} is {pair.Was.Decision}{(pair.Was.Degraded ? " (degraded)" : "")}, "
                    + $"on a whole system {pair.WouldBe.Decision}"),
            ],
        };
    }
}
