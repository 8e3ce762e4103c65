namespace Ecom.Algorithms.Fraud;

/// <summary>
/// Card Precision@k of the Fraud-Detection-Handbook: of the k cards that look worst on a day, how many are defrauded.
/// </summary>
/// <remarks>
/// Le Borgne, Siblini, Lebichot, Bontempi: "Reproducible Machine Learning for Credit Card Fraud Detection", 2022,
/// section 4.3. A card has the greatest score of its payments of the day; a card that was found leaves the following
/// days. Cost n log n. Deterministic: of equal scores, the card seen first comes first.
/// </remarks>
public static class CardPrecision
{
    /// <summary>Mean over the days of the share of frauds among the k worst cards.</summary>
    /// <param name="days">Day of each payment; any numbers, ascending order is not needed.</param>
    /// <param name="cards">Card of each payment.</param>
    /// <param name="scores">Score of each payment.</param>
    /// <param name="labels">Whether each payment is fraud.</param>
    /// <param name="k">Cards a day, at least 1. A day with fewer cards still counts as k.</param>
    /// <returns>0 to 1; NaN without payments.</returns>
    public static double At(
        ReadOnlySpan<int> days,
        ReadOnlySpan<int> cards,
        ReadOnlySpan<double> scores,
        ReadOnlySpan<bool> labels,
        int k)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(k);
        ArgumentOutOfRangeException.ThrowIfNotEqual(cards.Length, days.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(scores.Length, days.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(labels.Length, days.Length);
        var byDay = new SortedDictionary<int, Dictionary<int, (double Score, bool IsFraud)>>();
        for (var at = 0; at < days.Length; at++)
        {
            if (!byDay.TryGetValue(days[at], out var seen))
            {
                byDay[days[at]] = seen = [];
            }

            var held = seen.GetValueOrDefault(cards[at], (double.NegativeInfinity, false));
            seen[cards[at]] = (Math.Max(held.Item1, scores[at]), held.Item2 || labels[at]);
        }

        var found = new HashSet<int>();
        double sum = 0;
        foreach (var day in byDay.Values)
        {
            var hits = day.Where(card => !found.Contains(card.Key)).OrderByDescending(card => card.Value.Score).Take(k)
                .Where(card => card.Value.IsFraud).Select(card => card.Key).ToArray();
            found.UnionWith(hits);
            sum += hits.Length / (double)k;
        }

        return sum / byDay.Count;
    }
}
