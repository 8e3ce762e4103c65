namespace Ecom.Algorithms.Evaluation;

/// <summary>Quality of one ranked list against the items that turned out to be relevant (binary relevance).</summary>
/// <remarks>Only the first k places count. A user without relevant items has no value: leave such users out.</remarks>
public static class RankingMetrics
{
    /// <summary>Normalised discounted cumulative gain: gain 1/log2(place + 1), ideal cut at min(k, relevant
    /// items).</summary>
    /// <param name="ranked">Items, best first, distinct.</param>
    /// <param name="relevant">The relevant items, at least one.</param>
    /// <param name="k">Places that count, at least 1.</param>
    /// <returns>In [0, 1].</returns>
    public static double Ndcg(ReadOnlySpan<int> ranked, IReadOnlySet<int> relevant, int k)
    {
        Check(relevant, k);
        var gain = 0.0;
        for (var place = 0; place < Math.Min(k, ranked.Length); place++)
        {
            if (relevant.Contains(ranked[place]))
            {
                gain += Discount(place);
            }
        }

        var ideal = 0.0;
        for (var place = 0; place < Math.Min(k, relevant.Count); place++)
        {
            ideal += Discount(place);
        }

        return gain / ideal;
    }

    /// <summary>1 if a relevant item is among the first k, else 0.</summary>
    public static double HitRate(ReadOnlySpan<int> ranked, IReadOnlySet<int> relevant, int k) =>
        Hits(ranked, relevant, k) > 0 ? 1 : 0;

    /// <summary>Share of the relevant items that are among the first k, in [0, 1].</summary>
    public static double Recall(ReadOnlySpan<int> ranked, IReadOnlySet<int> relevant, int k) =>
        (double)Hits(ranked, relevant, k) / relevant.Count;

    private static double Discount(int place) => 1 / Math.Log2(place + 2);

    private static int Hits(ReadOnlySpan<int> ranked, IReadOnlySet<int> relevant, int k)
    {
        Check(relevant, k);
        var hits = 0;
        for (var place = 0; place < Math.Min(k, ranked.Length); place++)
        {
            hits += relevant.Contains(ranked[place]) ? 1 : 0;
        }

        return hits;
    }

    private static void Check(IReadOnlySet<int> relevant, int k)
    {
        ArgumentNullException.ThrowIfNull(relevant);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        if (relevant.Count == 0)
        {
            throw new ArgumentException("Without relevant items there is nothing to measure.", nameof(relevant));
        }
    }
}
