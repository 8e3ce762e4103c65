using Ecom.Algorithms.Numerics;

namespace Ecom.Algorithms.Forecasting;

/// <summary>A repeating pattern that is taken out of a series before, and put back after, extrapolation.</summary>
/// <param name="Indexes">Factor or addend of each position of the season; the first belongs to the first value.</param>
/// <param name="Multiplicative">Whether the indexes are factors (mean 1) or addends (mean 0).</param>
internal sealed record SeasonalPattern(double[] Indexes, bool Multiplicative)
{
    // Dividing by less would blow up noise.
    private const double SmallestFactor = 0.05;

    /// <summary>The pattern of a series, or null when it has none that is significant.</summary>
    /// <remarks>
    /// Test and decomposition as in Assimakopoulos and Nikolopoulos' Theta method: autocorrelation at the seasonal lag
    /// beyond its 90 % limits, then ratios (or differences) to a centred moving average. Factors when all values are
    /// positive, else addends.
    /// </remarks>
    public static SeasonalPattern? Find(ReadOnlySpan<double> series, int season)
    {
        if (season < 2 || series.Length <= 2 * season || !IsSignificant(series, season))
        {
            return null;
        }

        var positive = true;
        foreach (var value in series)
        {
            positive &= value > 0;
        }

        if (positive)
        {
            var factors = Average(series, season, (value, trend) => value / trend);
            var scale = factors.Average();
            factors = Array.ConvertAll(factors, factor => factor / scale);
            if (factors.Min() >= SmallestFactor)
            {
                return new SeasonalPattern(factors, Multiplicative: true);
            }
        }

        var addends = Average(series, season, (value, trend) => value - trend);
        var shift = addends.Average();
        return new SeasonalPattern(Array.ConvertAll(addends, addend => addend - shift), Multiplicative: false);
    }

    /// <summary>The series without the pattern.</summary>
    public double[] Remove(ReadOnlySpan<double> series)
    {
        var rest = new double[series.Length];
        for (var t = 0; t < rest.Length; t++)
        {
            var index = Indexes[t % Indexes.Length];
            rest[t] = Multiplicative ? series[t] / index : series[t] - index;
        }

        return rest;
    }

    /// <summary>Puts the pattern on a value of period <paramref name="t"/>.</summary>
    public double Restore(double value, int t)
    {
        var index = Indexes[t % Indexes.Length];
        return Multiplicative ? value * index : value + index;
    }

    private static bool IsSignificant(ReadOnlySpan<double> series, int season)
    {
        var mean = 0.0;
        foreach (var value in series)
        {
            mean += value / series.Length;
        }

        var variance = Covariance(series, mean, 0);
        if (variance <= 1e-12 * mean * mean)
        {
            return false;
        }

        var squares = 0.0;
        for (var lag = 1; lag < season; lag++)
        {
            squares += Math.Pow(Covariance(series, mean, lag) / variance, 2);
        }

        var limit = NormalDistribution.Quantile(0.95) * Math.Sqrt((1 + (2 * squares)) / series.Length);
        return Math.Abs(Covariance(series, mean, season) / variance) > limit;
    }

    private static double Covariance(ReadOnlySpan<double> series, double mean, int lag)
    {
        var sum = 0.0;
        for (var t = lag; t < series.Length; t++)
        {
            sum += (series[t] - mean) * (series[t - lag] - mean);
        }

        return sum;
    }

    private static double[] Average(ReadOnlySpan<double> series, int season, Func<double, double, double> compare)
    {
        var (sums, counts) = (new double[season], new int[season]);
        var half = season / 2;
        for (var t = half; t < series.Length - half; t++)
        {
            // An even season needs half of each end, so that the average is centred.
            var window = series.Slice(t - half, (2 * half) + 1);
            var trend = season % 2 == 0 ? -0.5 * (window[0] + window[^1]) : 0;
            foreach (var value in window)
            {
                trend += value;
            }

            sums[t % season] += compare(series[t], trend / season);
            counts[t % season]++;
        }

        for (var position = 0; position < season; position++)
        {
            sums[position] /= counts[position];
        }

        return sums;
    }
}
