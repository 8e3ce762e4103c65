namespace Ecom.Algorithms.Evaluation;

/// <summary>A mean with its uncertainty.</summary>
/// <param name="Mean">The mean of the values.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public readonly record struct ConfidenceInterval(double Mean, double Low, double High);

/// <summary>Bootstrap: how much a mean would vary with other users.</summary>
/// <remarks>Source: Efron, "Bootstrap methods: another look at the jackknife", 1979; percentile interval.</remarks>
public static class Bootstrap
{
    /// <summary>Percentile interval of the mean. O(values · resamples); deterministic for a seed.</summary>
    /// <param name="values">One value a user; for two models pass the paired differences. Empty gives zeros.</param>
    /// <param name="level">Nominal coverage in (0, 1), for example 0.95.</param>
    /// <param name="resamples">Resamples, at least 1; 1,000 is usual.</param>
    /// <param name="seed">Seed of the resampling.</param>
    public static ConfidenceInterval OfMean(ReadOnlySpan<double> values, double level, int resamples, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(level, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(level, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 1);
        if (values.IsEmpty)
        {
            return default;
        }

        var random = new Random(seed);
        var means = new double[resamples];
        for (var resample = 0; resample < resamples; resample++)
        {
            var sum = 0.0;
            for (var draw = 0; draw < values.Length; draw++)
            {
                sum += values[random.Next(values.Length)];
            }

            means[resample] = sum / values.Length;
        }

        Array.Sort(means);
        var mean = 0.0;
        foreach (var value in values)
        {
            mean += value / values.Length;
        }

        var tail = (1 - level) / 2;
        return new ConfidenceInterval(mean, At(means, tail), At(means, 1 - tail));
    }

    private static double At(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
    }
}
