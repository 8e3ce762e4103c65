namespace Ecom.Algorithms.Forecasting;

/// <summary>A method that continues a series of evenly spaced, non-negative values (demand, price).</summary>
/// <remarks>
/// Immutable and safe for concurrent use; deterministic. Degenerate series are defined for every method: an empty one
/// continues with zeros, a constant one with its value, and no forecast is ever negative.
/// </remarks>
public interface IForecaster
{
    /// <summary>Name of the method, for example <c>theta</c>.</summary>
    string Name { get; }

    /// <summary>Expected values of the next <paramref name="horizon"/> periods.</summary>
    /// <param name="history">Oldest first, finite; may be empty.</param>
    /// <param name="horizon">Periods ahead, at least 0.</param>
    double[] Forecast(ReadOnlySpan<double> history, int horizon);
}
