namespace Ecom.Algorithms.Forecasting;

/// <summary>Simple exponential smoothing with the smoothing weight and first level of least squared error.</summary>
/// <param name="Alpha">Weight of the newest value, in (0, 1).</param>
/// <param name="Level">Level after the last value: the forecast of every coming period.</param>
/// <remarks>
/// Source: Brown, "Statistical forecasting for inventory control", 1959. Weight by a coarse grid, then golden section;
/// the first level follows in closed form, since the errors are linear in it. O(length) an evaluation, about 40 of
/// them.
/// </remarks>
internal sealed record ExponentialSmoothing(double Alpha, double Level)
{
    private const double Smallest = 0.001;
    private const double Largest = 0.999;
    private const int GridSteps = 10;
    private static readonly double Golden = (Math.Sqrt(5) - 1) / 2;

    /// <summary>Fits a series of at least one value.</summary>
    public static ExponentialSmoothing Fit(ReadOnlySpan<double> series)
    {
        if (series.Length < 3)
        {
            return new ExponentialSmoothing(0.5, series.Length == 1 ? series[0] : (series[0] + series[1]) / 2);
        }

        var step = (Largest - Smallest) / GridSteps;
        var (best, least) = (0, double.PositiveInfinity);
        for (var at = 0; at <= GridSteps; at++)
        {
            var error = Run(series, Smallest + (at * step)).SquaredError;
            if (error < least)
            {
                (best, least) = (at, error);
            }
        }

        var low = Smallest + (Math.Max(0, best - 1) * step);
        var high = Smallest + (Math.Min(GridSteps, best + 1) * step);
        var alpha = Minimise(series, low, high);
        return new ExponentialSmoothing(alpha, Run(series, alpha).Level);
    }

    private static double Minimise(ReadOnlySpan<double> series, double low, double high)
    {
        var (left, right) = (high - (Golden * (high - low)), low + (Golden * (high - low)));
        var (atLeft, atRight) = (Run(series, left).SquaredError, Run(series, right).SquaredError);
        while (high - low > 1e-4)
        {
            if (atLeft <= atRight)
            {
                (high, right, atRight) = (right, left, atLeft);
                left = high - (Golden * (high - low));
                atLeft = Run(series, left).SquaredError;
            }
            else
            {
                (low, left, atLeft) = (left, right, atRight);
                right = low + (Golden * (high - low));
                atRight = Run(series, right).SquaredError;
            }
        }

        return (low + high) / 2;
    }

    // With first level l, the error of period t is e(t) − (1 − alpha)^t · l, where e comes from a first level of 0.
    private static (double SquaredError, double Level) Run(ReadOnlySpan<double> series, double alpha)
    {
        var (level, weight) = (0.0, 1.0);
        var (errors, products, weights) = (0.0, 0.0, 0.0);
        foreach (var value in series)
        {
            var error = value - level;
            errors += error * error;
            products += error * weight;
            weights += weight * weight;
            level += alpha * error;
            weight *= 1 - alpha;
        }

        var first = products / weights;
        return (errors - (first * products), level + (weight * first));
    }
}
