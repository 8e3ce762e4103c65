using System.Collections.Frozen;
using System.Numerics;
using Ecom.Recommendation.Lists;
using Ecom.Recommendation.Storage;

namespace Ecom.Recommendation.Rules;

/// <summary>
/// The rules of one placement, compiled: sets instead of lists, highest priority first. Which of them a product matches
/// is kept until its master data change: a request looks only at rules that match.
/// </summary>
internal sealed class RuleSet
{
    /// <summary>Rules that one placement may have at once: what bounds a request.</summary>
    public const int MostRules = 50;

    private readonly CompiledRule[] _rules;
    private readonly CompiledRule[] _bringing;
    private readonly Lock _growth = new();
    private volatile Matched?[] _matched = [];

    private RuleSet(CompiledRule[] rules)
    {
        _rules = rules;
        _bringing = [.. rules.Where(rule => rule.BringsProducts && rule.Products.Count > 0)];
    }

    public static RuleSet None { get; } = new([]);

    /// <summary>Compiles the rules that hold at a placement.</summary>
    /// <param name="rules">All rules; those beyond <see cref="MostRules"/> with the lowest priority are left
    /// out.</param>
    /// <param name="placement">The placement.</param>
    public static RuleSet Of(IEnumerable<Rule> rules, string placement)
    {
        CompiledRule[] compiled =
        [
            .. rules
                .Where(rule => rule.Plan.Placements.Count == 0 || rule.Plan.Placements.Contains(placement))
                .OrderByDescending(rule => rule.Plan.Priority)
                .ThenBy(rule => rule.Number)
                .Take(MostRules)
                .Select(rule => new CompiledRule(rule)),
        ];
        return compiled.Length == 0 ? None : new RuleSet(compiled);
    }

    public bool IsEmpty => _rules.Length == 0;

    /// <summary>Products that rules name for a place of their own: candidates though no list may hold them.</summary>
    public IEnumerable<string> Wanted(bool isKnown, DateTimeOffset now)
    {
        var left = MostRules;
        foreach (var rule in _bringing)
        {
            if (!rule.HoldsFor(isKnown, now))
            {
                continue;
            }

            for (var at = 0; at < rule.Products.Count && left > 0; at++, left--)
            {
                yield return rule.Products[at];
            }
        }
    }

    /// <summary>Which rules match a product: bit r for rule r, whoever asks and whenever.</summary>
    public ulong MatchesOf(RuleCandidate candidate)
    {
        var matches = 0ul;
        for (var rule = 0; rule < _rules.Length; rule++)
        {
            matches |= _rules[rule].Matches(candidate) ? 1ul << rule : 0;
        }

        return matches;
    }

    /// <summary>The same, kept for as long as the product's master data stay what they are.</summary>
    public ulong MatchesOf(Product product, ProductFacts facts)
    {
        var all = _matched;
        if (product.Number < all.Length && all[product.Number] is { } known && known.Facts == facts)
        {
            return known.Rules;
        }

        var matches = MatchesOf(new RuleCandidate(product.Id, facts.Master));
        lock (_growth)
        {
            if (product.Number >= _matched.Length)
            {
                var larger = new Matched?[product.Number + 1_024];
                _matched.CopyTo(larger, 0);
                _matched = larger;
            }

            _matched[product.Number] = new Matched(facts, matches);
        }

        return matches;
    }

    /// <inheritdoc cref="Arrange(ReadOnlySpan{ulong}, bool, DateTimeOffset, Span{int}, Span{bool})"/>
    public int Arrange(
        ReadOnlySpan<RuleCandidate> ranked,
        bool isKnown,
        DateTimeOffset now,
        Span<int> places,
        Span<bool> pinned = default)
    {
        Span<ulong> matches = stackalloc ulong[ranked.Length];
        for (var at = 0; at < matches.Length; at++)
        {
            matches[at] = MatchesOf(ranked[at]);
        }

        return Arrange(matches, isKnown, now, places, pinned);
    }

    /// <summary>Puts the best candidates into an answer as the rules want it.</summary>
    /// <param name="ranked">Candidates, best first; of each the rules that match it.</param>
    /// <param name="isKnown">Whether the visitor is a known customer.</param>
    /// <param name="now">Rules that expired before it do nothing.</param>
    /// <param name="places">Filled with indexes into <paramref name="ranked"/>; as long as the answer may be.</param>
    /// <param name="pinned">Set where a rule pins the position; empty, or as long as the places.</param>
    /// <returns>Products placed.</returns>
    public int Arrange(
        ReadOnlySpan<ulong> ranked, bool isKnown, DateTimeOffset now, Span<int> places, Span<bool> pinned)
    {
        Span<double> keys = stackalloc double[ranked.Length];
        Span<bool> promoted = stackalloc bool[ranked.Length];
        var share = 0.0;
        var (holding, pinning) = Holding(isKnown, now);
        for (var at = 0; at < ranked.Length; at++)
        {
            keys[at] = at + 1;
            for (var left = ranked[at] & holding & ~pinning; left != 0; left &= left - 1)
            {
                var plan = _rules[BitOperations.TrailingZeroCount(left)].Plan;
                share = Math.Max(share, plan.Promote ?? 0);
                Judge(plan, at, keys, promoted);
            }
        }

        Span<bool> used = stackalloc bool[ranked.Length];
        Span<int> pins = stackalloc int[places.Length];
        Pin(ranked, holding & pinning, keys, used, pins);
        return Fill(keys, pins, promoted, share, used, places, pinned);
    }

    /// <summary>
    /// What each rule says of one product, for people: rule number and effect, highest priority first.
    /// </summary>
    public IEnumerable<RuleVerdict> Explain(RuleCandidate candidate, bool isKnown, DateTimeOffset now) =>
        _rules
            .Where(rule => rule.HoldsFor(isKnown, now) && rule.Matches(candidate))
            .Select(rule => new RuleVerdict
            {
                Rule = rule.Number,
                Title = rule.Plan.Title,
                Effect = rule.Plan.Effect,
            });

    private static void Judge(RulePlan plan, int at, Span<double> keys, Span<bool> promoted)
    {
        if (plan.Exclude is true)
        {
            keys[at] = double.PositiveInfinity;
        }
        else if (plan.Boost is { } boost)
        {
            keys[at] /= boost;
        }
        else
        {
            promoted[at] = true;
        }
    }

    private (ulong Holding, ulong Pinning) Holding(bool isKnown, DateTimeOffset now)
    {
        var (holding, pinning) = (0ul, 0ul);
        for (var rule = 0; rule < _rules.Length; rule++)
        {
            holding |= _rules[rule].HoldsFor(isKnown, now) ? 1ul << rule : 0;
            pinning |= _rules[rule].Plan.Pin is not null ? 1ul << rule : 0;
        }

        return (holding, pinning);
    }

    // The best product of the rule with the highest priority; a product that is excluded is not pinned either.
    private void Pin(
        ReadOnlySpan<ulong> ranked, ulong pinning, ReadOnlySpan<double> keys, Span<bool> used, Span<int> pins)
    {
        pins.Fill(-1);
        for (; pinning != 0; pinning &= pinning - 1)
        {
            var rule = BitOperations.TrailingZeroCount(pinning);
            if (_rules[rule].Plan.Pin is not { } position || position > pins.Length || pins[position - 1] >= 0)
            {
                continue;
            }

            for (var at = 0; at < ranked.Length; at++)
            {
                if (!used[at] && !double.IsPositiveInfinity(keys[at]) && (ranked[at] & (1ul << rule)) != 0)
                {
                    pins[position - 1] = at;
                    used[at] = true;
                    break;
                }
            }
        }
    }

    private static int Fill(
        ReadOnlySpan<double> keys,
        ReadOnlySpan<int> pins,
        ReadOnlySpan<bool> promoted,
        double share,
        Span<bool> used,
        Span<int> places,
        Span<bool> pinned)
    {
        Span<int> order = stackalloc int[keys.Length];
        Order(keys, order);
        var (placed, promotedSoFar) = (0, 0);
        for (var position = 0; position < places.Length; position++)
        {
            var chosen = pins[position];
            if (chosen < 0)
            {
                // In every beginning of the list, so that the share holds for those who see only its top.
                var isDue = promotedSoFar < (int)Math.Floor((share * (position + 1)) + 1e-9);
                chosen = Next(order, keys, used, isDue ? promoted : default);
                chosen = chosen < 0 && isDue ? Next(order, keys, used, default) : chosen;
            }

            if (chosen < 0)
            {
                continue;
            }

            used[chosen] = true;
            promotedSoFar += promoted[chosen] ? 1 : 0;
            if (!pinned.IsEmpty)
            {
                pinned[placed] = pins[position] >= 0;
            }

            places[placed++] = chosen;
        }

        return placed;
    }

    // By insertion: keys of boosted products apart, they lie in order. Equal keys keep theirs.
    private static void Order(ReadOnlySpan<double> keys, Span<int> order)
    {
        for (var at = 0; at < order.Length; at++)
        {
            var place = at;
            for (; place > 0 && keys[order[place - 1]] > keys[at]; place--)
            {
                order[place] = order[place - 1];
            }

            order[place] = at;
        }
    }

    // Of all, or of those marked in a span that is not empty.
    private static int Next(
        ReadOnlySpan<int> order, ReadOnlySpan<double> keys, ReadOnlySpan<bool> used, ReadOnlySpan<bool> only)
    {
        foreach (var at in order)
        {
            if (!used[at] && !double.IsPositiveInfinity(keys[at]) && (only.IsEmpty || only[at]))
            {
                return at;
            }
        }

        return -1;
    }

    private sealed record Matched(ProductFacts Facts, ulong Rules);

    private sealed class CompiledRule(Rule rule)
    {
        private readonly RuleCondition _when = rule.Plan.When;
        private readonly FrozenSet<string>? _products = SetOf(rule.Plan.When.Products, StringComparer.Ordinal);
        private readonly FrozenSet<string>? _brands = SetOf(rule.Plan.When.Brands, StringComparer.OrdinalIgnoreCase);
        private readonly bool _isOfAnyCategory = rule.Plan.When.Categories.Count == 0;

        public long Number => rule.Number;

        public RulePlan Plan => rule.Plan;

        public IReadOnlyList<string> Products => rule.Plan.When.Products;

        public bool BringsProducts => rule.Plan.Pin is not null || rule.Plan.Promote is not null;

        public bool HoldsFor(bool isKnown, DateTimeOffset now) =>
            rule.Plan.ExpiresAt > now
            && (rule.Plan.When.Visitor is null || (rule.Plan.When.Visitor == "known") == isKnown);

        public bool Matches(in RuleCandidate candidate)
        {
            var master = candidate.Master;
            return (_products is null || _products.Contains(candidate.ProductId))
                && (_brands is null || (master?.Brand is { } brand && _brands.Contains(brand)))
                && (_isOfAnyCategory || CategoryPath.IsWithin(master?.Category, _when.Categories))
                && IsWithin(master?.Price, _when.PriceFrom, _when.PriceTo)
                && IsWithin(master?.Stock, _when.StockFrom, _when.StockTo);
        }

        private static FrozenSet<string>? SetOf(IReadOnlyList<string> values, StringComparer comparer) =>
            values.Count == 0 ? null : values.ToFrozenSet(comparer);

        private static bool IsWithin(long? value, long? from, long? to) =>
            (from is null || value >= from) && (to is null || value <= to);
    }
}

/// <summary>A product that rules judge.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="Master">As the catalogue tells; null if it does not.</param>
internal readonly record struct RuleCandidate(string ProductId, CatalogueProduct? Master);

/// <summary>What a rule does to a product.</summary>
internal sealed record RuleVerdict
{
    public required long Rule { get; init; }

    public required string Title { get; init; }

    /// <summary>pin, boost, exclude or promote.</summary>
    public required string Effect { get; init; }
}
