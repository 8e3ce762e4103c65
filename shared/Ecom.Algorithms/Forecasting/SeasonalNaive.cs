namespace Ecom.Algorithms.Forecasting;

/// <summary>Repeats the last season: the baseline that every method must beat.</summary>
/// <remarks>A history shorter than one season repeats its last value.</remarks>
/// <param name="season">Periods of a season, at least 1 (1 repeats the last value).</param>
public sealed class SeasonalNaive(int season) : IForecaster
{
    /// <inheritdoc/>
    public string Name => "seasonal-naive";

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

        var lag = season <= history.Length ? season : 1;
        for (var step = 0; step < horizon; step++)
        {
            forecast[step] = Math.Max(0, history[history.Length - lag + (step % lag)]);
        }

        return forecast;
    }
}
