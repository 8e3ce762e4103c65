namespace Ecom.Algorithms.Segmentation;

/// <summary>One order, as segmentation sees it.</summary>
/// <param name="Customer">Index of the customer.</param>
/// <param name="At">When it was placed (event time, UTC).</param>
/// <param name="Amount">What it was worth, in any one unit of money.</param>
public readonly record struct RfmOrder(int Customer, DateTimeOffset At, double Amount);

/// <summary>Recency, frequency and monetary value of one customer.</summary>
/// <param name="Customer">Index of the customer.</param>
/// <param name="RecencyDays">Whole days since the last order, at least 0.</param>
/// <param name="Frequency">Number of orders, at least 1.</param>
/// <param name="Monetary">Sum of the amounts; may be negative after refunds.</param>
public readonly record struct RfmValues(int Customer, int RecencyDays, int Frequency, double Monetary);

/// <summary>Condenses orders into recency, frequency and monetary value.</summary>
/// <remarks>Source: Hughes, "Strategic database marketing", 1994.</remarks>
public static class Rfm
{
    /// <summary>One row a customer with an order before <paramref name="asOf"/>, by ascending customer.</summary>
    /// <param name="orders">One entry an order, in any order; those at or after <paramref name="asOf"/> are left
    /// out.</param>
    /// <param name="asOf">The instant to look from.</param>
    public static RfmValues[] Compute(IEnumerable<RfmOrder> orders, DateTimeOffset asOf)
    {
        ArgumentNullException.ThrowIfNull(orders);
        return
        [
            .. orders
                .Where(order => order.At < asOf)
                .GroupBy(order => order.Customer)
                .OrderBy(group => group.Key)
                .Select(group => new RfmValues(
                    group.Key,
                    (int)Math.Floor((asOf - group.Max(order => order.At)).TotalDays),
                    group.Count(),
                    group.Sum(order => order.Amount))),
        ];
    }
}
