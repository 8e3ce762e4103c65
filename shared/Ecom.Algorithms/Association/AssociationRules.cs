namespace Ecom.Algorithms.Association;

/// <summary>Who has all of the left side tends to have the right side as well.</summary>
public sealed record AssociationRule
{
    /// <summary>The left side: distinct items, ascending, at least one.</summary>
    public required int[] Antecedent { get; init; }

    /// <summary>The item on the right side.</summary>
    public required int Consequent { get; init; }

    /// <summary>Baskets that hold both sides.</summary>
    public required int Count { get; init; }

    /// <summary>Baskets that hold the left side: "in 212 of 480 baskets".</summary>
    public required int AntecedentCount { get; init; }

    /// <summary>Share of all baskets that hold both sides, in (0, 1].</summary>
    public required double Support { get; init; }

    /// <summary>Share of the baskets with the left side that hold the right side too, in (0, 1].</summary>
    public required double Confidence { get; init; }

    /// <summary>Confidence over the share of all baskets that hold the right side: how many times chance.</summary>
    public required double Lift { get; init; }
}

/// <summary>Rules with one item on the right, derived from frequent item sets.</summary>
/// <remarks>
/// Source: Agrawal and Srikant, "Fast algorithms for mining association rules", VLDB 1994. O(item sets · length²).
/// Counts are exact. If the search was cut by its limit, a rule whose left side was not reached is left out.
/// </remarks>
public static class AssociationRules
{
    /// <summary>Rules of at least a confidence: best first by confidence, then lift, then count, then items.</summary>
    /// <param name="mined">Item sets with their counts.</param>
    /// <param name="minimumConfidence">In [0, 1].</param>
    public static IReadOnlyList<AssociationRule> Derive(FrequentItemSetResult mined, double minimumConfidence)
    {
        ArgumentNullException.ThrowIfNull(mined);
        ArgumentOutOfRangeException.ThrowIfNegative(minimumConfidence);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minimumConfidence, 1);

        var counts = new Dictionary<int[], int>(ItemsComparer.Instance);
        foreach (var set in mined.ItemSets)
        {
            counts.Add(set.Items, set.Count);
        }

        var rules = new List<AssociationRule>();
        foreach (var set in mined.ItemSets.Where(set => set.Items.Length > 1))
        {
            AddRules(set, counts, mined.BasketCount, minimumConfidence, rules);
        }

        rules.Sort(BestFirst);
        return rules;
    }

    private static void AddRules(
        ItemSet set,
        Dictionary<int[], int> counts,
        int baskets,
        double minimumConfidence,
        List<AssociationRule> rules)
    {
        foreach (var consequent in set.Items)
        {
            var antecedent = Array.FindAll(set.Items, item => item != consequent);
            if (!counts.TryGetValue(antecedent, out var left) || !counts.TryGetValue([consequent], out var right))
            {
                continue;
            }

            var confidence = (double)set.Count / left;
            if (confidence >= minimumConfidence)
            {
                rules.Add(new AssociationRule
                {
                    Antecedent = antecedent,
                    Consequent = consequent,
                    Count = set.Count,
                    AntecedentCount = left,
                    Support = (double)set.Count / baskets,
                    Confidence = confidence,
                    Lift = confidence * baskets / right,
                });
            }
        }
    }

    private static int BestFirst(AssociationRule x, AssociationRule y)
    {
        var order = y.Confidence.CompareTo(x.Confidence);
        order = order != 0 ? order : y.Lift.CompareTo(x.Lift);
        order = order != 0 ? order : y.Count.CompareTo(x.Count);
        order = order != 0 ? order : x.Consequent.CompareTo(y.Consequent);
        return order != 0 ? order : x.Antecedent.AsSpan().SequenceCompareTo(y.Antecedent);
    }

    private sealed class ItemsComparer : IEqualityComparer<int[]>
    {
        public static readonly ItemsComparer Instance = new();

        public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(int[] items)
        {
            var hash = default(HashCode);
            foreach (var item in items)
            {
                hash.Add(item);
            }

            return hash.ToHashCode();
        }
    }
}
