using Ecom.Algorithms.Numerics;

namespace Ecom.Algorithms.Inventory;

/// <summary>How a product is replenished.</summary>
public sealed record StockPolicyOptions
{
    /// <summary>Periods from an order to its arrival, at least 0.</summary>
    public required int LeadTime { get; init; }

    /// <summary>Periods between two looks at the stock, at least 1. Default 1.</summary>
    public int ReviewPeriod { get; init; } = 1;

    /// <summary>Periods of demand that an order covers beyond the reorder point, at least 0. Default 0: base
    /// stock.</summary>
    public int CoverPeriods { get; init; }

    /// <summary>Probability in (0, 1) that the stock lasts until the next delivery (cycle service). Default
    /// 0.95.</summary>
    public double ServiceLevel { get; init; } = 0.95;

    /// <summary>Periods that the stock must last: lead time and review period.</summary>
    public int ProtectionPeriods => LeadTime + ReviewPeriod;
}

/// <summary>Levels at which to order, and up to which.</summary>
/// <param name="SafetyStock">Units kept against the error of the forecast, at least 0.</param>
/// <param name="ReorderPoint">Order when stock and orders under way are at or below this: expected demand over lead
/// time and review period, and the safety stock.</param>
/// <param name="OrderUpTo">Level that an order brings stock and orders under way to.</param>
public sealed record StockPolicy(double SafetyStock, double ReorderPoint, double OrderUpTo)
{
    /// <summary>Levels from a forecast and its error.</summary>
    /// <remarks>
    /// Source: Silver, Pyke and Thomas, "Inventory and production management in supply chains", chapter 6, (R, s, S)
    /// with normal forecast errors. A service level below one half never makes the safety stock negative.
    /// </remarks>
    /// <param name="demand">Expected demand of each coming period, at least 0; it must reach over lead time, review
    /// period and cover.</param>
    /// <param name="errorDeviation">Standard deviation of the forecast error summed over lead time and review period,
    /// at least 0; see <see cref="DeviationOver"/> when only that of one period is known.</param>
    /// <param name="options">The policy.</param>
    /// <exception cref="ArgumentException">The forecast is too short.</exception>
    public static StockPolicy From(ReadOnlySpan<double> demand, double errorDeviation, StockPolicyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(errorDeviation);
        ArgumentOutOfRangeException.ThrowIfNegative(options.LeadTime, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ReviewPeriod, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.CoverPeriods, nameof(options));
        var reach = options.ProtectionPeriods + options.CoverPeriods;
        if (demand.Length < reach)
        {
            throw new ArgumentException($"A forecast of {demand.Length} periods for {reach}.", nameof(demand));
        }

        var safety = Math.Max(0, NormalDistribution.Quantile(options.ServiceLevel)) * errorDeviation;
        var reorderPoint = Sum(demand[..options.ProtectionPeriods]) + safety;
        var cover = Sum(demand[options.ProtectionPeriods..reach]);
        return new StockPolicy(safety, reorderPoint, reorderPoint + cover);
    }

    /// <summary>Deviation of a sum of independent errors: that of one period times √periods.</summary>
    public static double DeviationOver(int periods, double deviationOfOne)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(periods);
        ArgumentOutOfRangeException.ThrowIfNegative(deviationOfOne);
        return deviationOfOne * Math.Sqrt(periods);
    }

    /// <summary>Units to order now: 0 above the reorder point, else what brings the position up to the level.</summary>
    /// <param name="position">Stock on hand and on order, less back-orders.</param>
    /// <returns>Whole units, rounded up.</returns>
    public int Quantity(double position) => position > ReorderPoint
        ? 0
        : (int)Math.Min(int.MaxValue, Math.Ceiling(Math.Max(0, OrderUpTo - position) - 1e-9));

    private static double Sum(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values)
        {
            sum += value;
        }

        return sum;
    }
}
