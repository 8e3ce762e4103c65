namespace Ecom.Algorithms.Forecasting;

/// <summary>The forecast of the method that won, with the back-test of every one.</summary>
/// <param name="Forecast">Forecast of the winner, with intervals.</param>
/// <param name="Winner">Back-test of the winner.</param>
/// <param name="Backtests">Back-tests of all methods, in the order given.</param>
public sealed record SelectedForecast(
    DemandForecast Forecast, BacktestResult Winner, IReadOnlyList<BacktestResult> Backtests);

/// <summary>Picks the method for one series by how well each would have forecast its past.</summary>
/// <remarks>
/// The least root mean squared error wins: absolute errors would pick "always zero" for products that seldom sell. Of
/// equal ones, and when the series is too short for a back-test, the first wins: put the baseline first.
/// </remarks>
public static class MethodSelection
{
    /// <summary>Back-tests every method and forecasts with the best.</summary>
    /// <param name="methods">At least one, the baseline first.</param>
    /// <param name="series">Oldest first, finite; any length.</param>
    /// <param name="options">Origins and horizon; the forecast has the same horizon.</param>
    /// <exception cref="ArgumentException">No methods, or a value that is not finite.</exception>
    public static SelectedForecast Choose(
        IReadOnlyList<IForecaster> methods, ReadOnlySpan<double> series, BacktestOptions options)
    {
        ArgumentNullException.ThrowIfNull(methods);
        ArgumentNullException.ThrowIfNull(options);
        if (methods.Count == 0)
        {
            throw new ArgumentException("Nothing to choose from.", nameof(methods));
        }

        foreach (var value in series)
        {
            if (!double.IsFinite(value))
            {
                throw new ArgumentException("The series holds a value that is not finite.", nameof(series));
            }
        }

        var backtests = new BacktestResult[methods.Count];
        for (var method = 0; method < backtests.Length; method++)
        {
            backtests[method] = Backtest.Run(methods[method], series, options);
        }

        var best = Enumerable.Range(0, backtests.Length).MinBy(method => backtests[method].Rmse ?? 0);
        var point = methods[best].Forecast(series, options.Horizon);
        return new SelectedForecast(
            PredictionIntervals.Around(point, backtests[best], series), backtests[best], backtests);
    }
}
