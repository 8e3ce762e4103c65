namespace Ecom.Algorithms.Forecasting;

/// <summary>Forecasts the past: rolling origins, each knowing only what came before it.</summary>
/// <remarks>
/// Source: Tashman, "Out-of-sample tests of forecasting accuracy", Int. J. of Forecasting 2000; MASE: Hyndman and
/// Koehler 2006. Cost: one fit an origin. Deterministic.
/// </remarks>
public static class Backtest
{
    /// <summary>Measures a method on one series.</summary>
    /// <param name="method">The method; refitted at each origin.</param>
    /// <param name="series">Oldest first, finite; any length.</param>
    /// <param name="options">Origins and horizon.</param>
    public static BacktestResult Run(IForecaster method, ReadOnlySpan<double> series, BacktestOptions options)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Horizon, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Season, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Origins, 1, nameof(options));

        var last = series.Length - options.Horizon;
        var first = Math.Max(last - options.Origins + 1, options.MinimumHistory ?? (2 * options.Season));
        first = Math.Min(first, last);
        var errors = new List<double[]>();
        var (absolute, squared, actual, signed) = (0.0, 0.0, 0.0, 0.0);
        for (var origin = first; origin <= last && origin >= 1; origin++)
        {
            var row = method.Forecast(series[..origin], options.Horizon);
            for (var step = 0; step < row.Length; step++)
            {
                var value = series[origin + step];
                row[step] = value - row[step];
                absolute += Math.Abs(row[step]);
                squared += row[step] * row[step];
                actual += value;
                signed -= row[step];
            }

            errors.Add(row);
        }

        var count = errors.Count * options.Horizon;
        var (scale, squaredScale) = Scale(series[..Math.Max(0, last)], options.Season);
        var rows = errors.ToArray();
        return new BacktestResult
        {
            Method = method.Name,
            Errors = rows,
            Rmse = count > 0 ? Math.Sqrt(squared / count) : null,
            Mase = count > 0 && scale > 0 ? absolute / count / scale : null,
            Rmsse = count > 0 && squaredScale > 0 ? Math.Sqrt(squared / count / squaredScale) : null,
            Wape = actual > 0 ? absolute / actual : null,
            Bias = actual > 0 ? signed / actual : null,
            Coverage80 = Coverage(rows, 0.80),
            Coverage95 = Coverage(rows, 0.95),
        };
    }

    // Mean absolute and squared error of repeating the season; of repeating the last value when it is too short.
    private static (double Absolute, double Squared) Scale(ReadOnlySpan<double> series, int season)
    {
        var lag = season < series.Length ? season : 1;
        var count = Math.Max(1, series.Length - lag);
        var (absolute, squared) = (0.0, 0.0);
        for (var t = lag; t < series.Length; t++)
        {
            var difference = series[t] - series[t - lag];
            absolute += Math.Abs(difference) / count;
            squared += difference * difference / count;
        }

        return (absolute, squared);
    }

    // Older origins set the width for the newer ones and the other way round: neighbours overlap too much to be fair.
    private static double? Coverage(double[][] errors, double level)
    {
        if (errors.Length < 2)
        {
            return null;
        }

        var (older, newer) = (errors[..(errors.Length / 2)], errors[(errors.Length / 2)..]);
        var within = CountWithin(newer, PredictionIntervals.Margins(older, level))
            + CountWithin(older, PredictionIntervals.Margins(newer, level));
        return (double)within / (errors.Length * errors[0].Length);
    }

    private static int CountWithin(double[][] errors, double[] margins) => errors.Sum(
        row => row.Index().Count(error => Math.Abs(error.Item) <= margins[error.Index] + 1e-12));
}
