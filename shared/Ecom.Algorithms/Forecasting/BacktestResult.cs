namespace Ecom.Algorithms.Forecasting;

/// <summary>Where and how far <see cref="Backtest.Run"/> looks.</summary>
public sealed record BacktestOptions
{
    /// <summary>Periods ahead, at least 1.</summary>
    public required int Horizon { get; init; }

    /// <summary>Periods of a season, at least 1; the scale of MASE and RMSSE is the error of repeating it.</summary>
    public required int Season { get; init; }

    /// <summary>Most origins, at least 1; the latest are taken, one period apart. Default 20.</summary>
    public int Origins { get; init; } = 20;

    /// <summary>Fewest periods before an origin. Default: two seasons. A shorter series still gets one origin if it
    /// can.</summary>
    public int? MinimumHistory { get; init; }
}

/// <summary>How a method would have done on the past of one series. All shares are fractions, not percent.</summary>
public sealed record BacktestResult
{
    /// <summary>Name of the method.</summary>
    public required string Method { get; init; }

    /// <summary>Actual minus forecast: one row an origin, oldest first, one column a period ahead. Empty: too
    /// short.</summary>
    public required double[][] Errors { get; init; }

    /// <summary>Root of the mean squared error; null without origins.</summary>
    public required double? Rmse { get; init; }

    /// <summary>Mean absolute error over that of repeating the season, in sample; null if that is 0 or
    /// unknown.</summary>
    public required double? Mase { get; init; }

    /// <summary>Root mean squared error over that of repeating the season, in sample; null if that is 0 or
    /// unknown.</summary>
    public required double? Rmsse { get; init; }

    /// <summary>Sum of absolute errors over the sum of the actual values; null if that is 0.</summary>
    public required double? Wape { get; init; }

    /// <summary>Sum of forecasts over the sum of the actual values, less 1: above 0 is too high; null if that is
    /// 0.</summary>
    public required double? Bias { get; init; }

    /// <summary>Share of actual values within 80 % intervals that were set without them; null below two
    /// origins.</summary>
    public required double? Coverage80 { get; init; }

    /// <summary>Share of actual values within 95 % intervals that were set without them; null below two
    /// origins.</summary>
    public required double? Coverage95 { get; init; }

    /// <summary>Root mean squared error of the total of the first periods ahead, as safety stock needs it.</summary>
    /// <param name="periods">Periods to add up, in [1, horizon].</param>
    /// <returns>Null without origins.</returns>
    public double? DeviationOfTotal(int periods)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(periods, 1);
        return Errors.Length == 0
            ? null
            : Math.Sqrt(Errors.Average(row => Math.Pow(row[..periods].Sum(), 2)));
    }
}
