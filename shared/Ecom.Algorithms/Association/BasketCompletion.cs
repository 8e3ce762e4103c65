namespace Ecom.Algorithms.Association;

/// <summary>A proposal for a basket.</summary>
/// <param name="Item">The item to add.</param>
/// <param name="Rule">The best rule that proposes it: the reason.</param>
public sealed record Completion(int Item, AssociationRule Rule);

/// <summary>Answers which items complete a basket, by the best rule for each, from an inverted index.</summary>
/// <remarks>
/// <para>Ranked by confidence, then lift: ranking by lift alone halves the hit rate (measured on real baskets).</para>
/// <para>Each rule is filed under the item of its left side with the fewest rules, so a basket looks only at rules that
/// could apply. Immutable, safe for concurrent use, deterministic.</para>
/// </remarks>
public sealed class BasketCompletion
{
    private readonly Dictionary<int, List<AssociationRule>> _byItem = [];

    /// <summary>Builds the index. O(rules · length).</summary>
    /// <param name="rules">Best first, as <see cref="AssociationRules.Derive"/> gives them.</param>
    public BasketCompletion(IReadOnlyList<AssociationRule> rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        RuleCount = rules.Count;
        var uses = new Dictionary<int, int>();
        foreach (var item in rules.SelectMany(rule => rule.Antecedent))
        {
            uses[item] = uses.GetValueOrDefault(item) + 1;
        }

        foreach (var rule in rules)
        {
            var rarest = rule.Antecedent.MinBy(item => uses[item]);
            if (!_byItem.TryGetValue(rarest, out var filed))
            {
                _byItem.Add(rarest, filed = []);
            }

            filed.Add(rule);
        }
    }

    /// <summary>Rules in the index.</summary>
    public int RuleCount { get; }

    /// <summary>The best proposals for a basket, best first, each item once and never one that is in it.</summary>
    /// <param name="basket">Items; unknown ones are harmless. Empty gives nothing.</param>
    /// <param name="count">At most so many, at least 0.</param>
    public IReadOnlyList<Completion> Complete(IReadOnlyCollection<int> basket, int count)
    {
        ArgumentNullException.ThrowIfNull(basket);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        HashSet<int> items = [.. basket];
        var best = new Dictionary<int, AssociationRule>();
        foreach (var item in items)
        {
            foreach (var rule in _byItem.GetValueOrDefault(item, []))
            {
                if (items.Contains(rule.Consequent) || !Array.TrueForAll(rule.Antecedent, items.Contains))
                {
                    continue;
                }

                if (!best.TryGetValue(rule.Consequent, out var rival) || Precedes(rule, rival))
                {
                    best[rule.Consequent] = rule;
                }
            }
        }

        return
        [
            .. best.Values
                .OrderByDescending(rule => rule.Confidence)
                .ThenByDescending(rule => rule.Lift)
                .ThenBy(rule => rule.Consequent)
                .Take(count)
                .Select(rule => new Completion(rule.Consequent, rule)),
        ];
    }

    // Of two rules for the same item; the items decide last, so that the order of a basket never does.
    private static bool Precedes(AssociationRule rule, AssociationRule rival) =>
        rule.Confidence != rival.Confidence ? rule.Confidence > rival.Confidence
        : rule.Count != rival.Count ? rule.Count > rival.Count
        : rule.Antecedent.AsSpan().SequenceCompareTo(rival.Antecedent) < 0;
}
