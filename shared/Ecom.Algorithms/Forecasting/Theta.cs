namespace Ecom.Algorithms.Forecasting;

/// <summary>The classical Theta method: smoothing with half of the linear trend, after taking out the season.</summary>
/// <remarks>
/// <para>Sources: Assimakopoulos and Nikolopoulos, "The theta model", Int. J. of Forecasting 2000; Hyndman and Billah,
/// "Unmasking the Theta method", 2003, whose form this is: simple exponential smoothing plus a drift of half the slope.
/// </para>
/// <para>The season is tested, then taken out by factors when all values are positive, else by addends, so zeros are
/// safe. Cost: O(length · 40). Two values or fewer are continued at their mean.</para>
/// </remarks>
/// <param name="season">Periods of a season, at least 1 (1: none).</param>
public sealed class Theta(int season) : IForecaster
{
    /// <inheritdoc/>
    public string Name => "theta";

    /// <inheritdoc/>
    public double[] Forecast(ReadOnlySpan<double> history, int horizon)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(season, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(horizon);
        var forecast = new double[horizon];
        if (history.IsEmpty)
        {
            return forecast;
        }

        var pattern = SeasonalPattern.Find(history, season);
        var series = pattern is null ? history : pattern.Remove(history);
        var smoothing = ExponentialSmoothing.Fit(series);
        var drift = history.Length < 3 ? 0 : Slope(series) / 2;

        // The smoothed level lags behind the trend by this many periods.
        var lag = (1 - Math.Pow(1 - smoothing.Alpha, history.Length)) / smoothing.Alpha;
        for (var step = 0; step < horizon; step++)
        {
            var value = smoothing.Level + (drift * (step + lag));
            forecast[step] = Math.Max(0, pattern?.Restore(value, history.Length + step) ?? value);
        }

        return forecast;
    }

    private static double Slope(ReadOnlySpan<double> series)
    {
        var centre = (series.Length - 1) / 2.0;
        var (products, squares) = (0.0, 0.0);
        for (var t = 0; t < series.Length; t++)
        {
            products += (t - centre) * series[t];
            squares += (t - centre) * (t - centre);
        }

        return products / squares;
    }
}
