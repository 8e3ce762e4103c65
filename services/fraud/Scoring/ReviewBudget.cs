namespace Ecom.Fraud.Scoring;

/// <summary>Finds the price of a look at which a team has as many looks as it can do.</summary>
internal static class ReviewBudget
{
    /// <summary>The least gain that a look must exceed.</summary>
    /// <param name="gains">What a look at each payment of the time would have gained.</param>
    /// <param name="looks">How many looks there were, not negative.</param>
    /// <returns>0 if there are looks for all that gain anything.</returns>
    public static double PriceOf(IEnumerable<double> gains, long looks)
    {
        // The greatest ones, the least of them first.
        var kept = new PriorityQueue<double, double>();
        var price = 0.0;
        foreach (var gain in gains.Where(gain => gain > 0))
        {
            kept.Enqueue(gain, gain);
            if (kept.Count > looks)
            {
                price = Math.Max(price, kept.Dequeue());
            }
        }

        return price;
    }
}
