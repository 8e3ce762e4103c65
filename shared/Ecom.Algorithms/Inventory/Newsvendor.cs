using Ecom.Algorithms.Numerics;

namespace Ecom.Algorithms.Inventory;

/// <summary>The best single order before an uncertain season.</summary>
/// <param name="Quantity">Units to have at the start, S.</param>
/// <param name="CriticalRatio">shortage / (shortage + holding): the probability to meet all demand.</param>
/// <param name="ExpectedCost">Expected holding and shortage cost at that quantity.</param>
public sealed record NewsvendorAnswer(double Quantity, double CriticalRatio, double ExpectedCost);

/// <summary>The newsvendor problem with normal demand.</summary>
/// <remarks>
/// Source: Arrow, Harris and Marschak, "Optimal inventory policy", Econometrica 1951; worked example of Snyder and
/// Shen,
/// "Fundamentals of supply chain theory", 4.3: holding 2, shortage 18, demand N(120, 10) gives 132.8155 at cost
/// 35.0997.
/// </remarks>
public static class Newsvendor
{
    /// <summary>The quantity of least expected cost.</summary>
    /// <param name="holding">Cost of a unit left over, greater than 0.</param>
    /// <param name="shortage">Cost of a unit short, greater than 0.</param>
    /// <param name="mean">Expected demand.</param>
    /// <param name="deviation">Standard deviation of demand, at least 0.</param>
    public static NewsvendorAnswer Solve(double holding, double shortage, double mean, double deviation)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(holding);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(shortage);
        ArgumentOutOfRangeException.ThrowIfNegative(deviation);
        var ratio = shortage / (shortage + holding);
        var z = NormalDistribution.Quantile(ratio);
        var cost = (shortage + holding) * NormalDistribution.Density(z) * deviation;
        return new NewsvendorAnswer(mean + (z * deviation), ratio, cost);
    }

    /// <summary>Expected cost of any quantity: holding · E[left over] + shortage · E[short].</summary>
    public static double ExpectedCost(double quantity, double holding, double shortage, double mean, double deviation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(deviation);
        if (deviation == 0)
        {
            return (holding * Math.Max(0, quantity - mean)) + (shortage * Math.Max(0, mean - quantity));
        }

        var z = (quantity - mean) / deviation;
        var missing = deviation * NormalDistribution.Loss(z);
        return (holding * (quantity - mean + missing)) + (shortage * missing);
    }
}
