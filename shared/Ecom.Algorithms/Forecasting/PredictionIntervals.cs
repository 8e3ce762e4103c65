using Ecom.Algorithms.Numerics;

namespace Ecom.Algorithms.Forecasting;

/// <summary>A forecast with its uncertainty; all arrays have one entry a period ahead.</summary>
public sealed record DemandForecast
{
    /// <summary>Name of the method.</summary>
    public required string Method { get; init; }

    /// <summary>Expected values, at least 0.</summary>
    public required double[] Point { get; init; }

    /// <summary>Lower ends of the 80 % intervals, at least 0.</summary>
    public required double[] Low80 { get; init; }

    /// <summary>Upper ends of the 80 % intervals.</summary>
    public required double[] High80 { get; init; }

    /// <summary>Lower ends of the 95 % intervals, at least 0.</summary>
    public required double[] Low95 { get; init; }

    /// <summary>Upper ends of the 95 % intervals.</summary>
    public required double[] High95 { get; init; }
}

/// <summary>Intervals from how wrong the method was before, at the same distance: no distribution is assumed.</summary>
/// <remarks>
/// <para>Source: split conformal prediction (Vovk, Gammerman and Shafer, "Algorithmic learning in a random world",
/// 2005) on the errors of a rolling-origin back-test.</para>
/// <para>Errors of up to three periods nearer and farther are pooled. With too few of them for a level the normal
/// quantile of their size is used if it is wider. Margins never shrink with distance.</para>
/// </remarks>
public static class PredictionIntervals
{
    private const int Pooled = 3;

    /// <summary>Puts 80 % and 95 % intervals around a forecast.</summary>
    /// <param name="point">Expected values; at most as many as the back-test had periods ahead.</param>
    /// <param name="backtest">Past errors of the same method.</param>
    /// <param name="history">The series; its spread is used when it was too short for any origin.</param>
    public static DemandForecast Around(double[] point, BacktestResult backtest, ReadOnlySpan<double> history)
    {
        ArgumentNullException.ThrowIfNull(point);
        ArgumentNullException.ThrowIfNull(backtest);
        var spread = backtest.Errors.Length == 0 ? Spread(history) : 0;
        double[] Width(double level) => backtest.Errors.Length > 0
            ? Margins(backtest.Errors, level)
            : [.. point.Select(_ => NormalDistribution.Quantile((1 + level) / 2) * spread)];

        var (inner, outer) = (Width(0.80), Width(0.95));
        return new DemandForecast
        {
            Method = backtest.Method,
            Point = point,
            Low80 = [.. point.Select((value, step) => Math.Max(0, value - inner[step]))],
            High80 = [.. point.Select((value, step) => value + inner[step])],
            Low95 = [.. point.Select((value, step) => Math.Max(0, value - outer[step]))],
            High95 = [.. point.Select((value, step) => value + outer[step])],
        };
    }

    /// <summary>Half widths, never shrinking with distance.</summary>
    /// <param name="errors">One row an origin, at least one.</param>
    /// <param name="level">Nominal coverage in (0, 1).</param>
    internal static double[] Margins(double[][] errors, double level)
    {
        var margins = new double[errors[0].Length];
        for (var step = 0; step < margins.Length; step++)
        {
            var (from, to) = (Math.Max(0, step - Pooled), Math.Min(margins.Length, step + Pooled + 1));
            var pool = errors.SelectMany(row => row[from..to]).Select(Math.Abs).Order().ToArray();
            var rank = (int)Math.Ceiling((pool.Length + 1) * level);
            var margin = rank <= pool.Length
                ? pool[rank - 1]
                : Math.Max(pool[^1], NormalDistribution.Quantile((1 + level) / 2) * RootMeanSquare(pool));
            margins[step] = Math.Max(margin, step > 0 ? margins[step - 1] : 0);
        }

        return margins;
    }

    private static double RootMeanSquare(double[] values) => Math.Sqrt(values.Average(value => value * value));

    // Demand of a few pieces is at least as uncertain as a Poisson variable of its mean.
    private static double Spread(ReadOnlySpan<double> history)
    {
        var (mean, variance) = (0.0, 0.0);
        foreach (var value in history)
        {
            mean += value / history.Length;
        }

        foreach (var value in history)
        {
            variance += (value - mean) * (value - mean) / Math.Max(1, history.Length - 1);
        }

        return Math.Sqrt(Math.Max(variance, Math.Max(0, mean)));
    }
}
