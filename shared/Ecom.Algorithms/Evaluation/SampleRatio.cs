using Ecom.Algorithms.Numerics;

namespace Ecom.Algorithms.Evaluation;

/// <summary>Whether an experiment's arms got the shares of units that they were promised.</summary>
/// <remarks>
/// Source: Pearson's chi-square test; its use on sample ratios: Fabijan et al., "Diagnosing sample ratio mismatch in
/// online controlled experiments", KDD 2019. A mismatch means a fault in assignment or logging: the arms are not
/// comparable. O(arms), deterministic.
/// </remarks>
public static class SampleRatio
{
    /// <summary>Probability of counts at least this far from the shares, when nothing is wrong.</summary>
    /// <param name="counts">Units of each arm.</param>
    /// <param name="weights">Promised share of each arm, above 0; they need not add up to 1.</param>
    /// <returns>1 with fewer than two arms or without units.</returns>
    /// <exception cref="ArgumentException">Lengths differ or a weight is not above 0.</exception>
    public static double PValue(ReadOnlySpan<long> counts, ReadOnlySpan<double> weights)
    {
        if (counts.Length != weights.Length)
        {
            throw new ArgumentException("Counts and weights must have the same length.", nameof(weights));
        }

        var total = 0L;
        var weight = 0.0;
        for (var arm = 0; arm < counts.Length; arm++)
        {
            if (!(weights[arm] > 0))
            {
                throw new ArgumentException("Every weight must be above 0.", nameof(weights));
            }

            total += counts[arm];
            weight += weights[arm];
        }

        if (counts.Length < 2 || total == 0)
        {
            return 1;
        }

        var statistic = 0.0;
        for (var arm = 0; arm < counts.Length; arm++)
        {
            var expected = total * weights[arm] / weight;
            statistic += (counts[arm] - expected) * (counts[arm] - expected) / expected;
        }

        return ChiSquareTail(statistic, counts.Length - 1);
    }

    // Q(k + 2) = Q(k) + (x/2)^(k/2) e^(-x/2) / Γ(k/2 + 1), from the closed forms of 1 and 2 degrees of freedom:
    // Abramowitz, Stegun, "Handbook of mathematical functions", 26.4.4 and 26.4.5.
    private static double ChiSquareTail(double statistic, int freedom)
    {
        var half = statistic / 2;
        var isOdd = freedom % 2 == 1;
        var tail = isOdd ? 2 * NormalDistribution.Cumulative(-Math.Sqrt(statistic)) : Math.Exp(-half);
        var term = isOdd ? Math.Sqrt(4 * half / Math.PI) * Math.Exp(-half) : half * Math.Exp(-half);
        for (var k = isOdd ? 1 : 2; k < freedom; k += 2)
        {
            tail += term;
            term *= half / ((k / 2.0) + 1);
        }

        return Math.Min(1, tail);
    }
}
