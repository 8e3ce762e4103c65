using Ecom.Algorithms.Association;
using Ecom.Profiling.Storage;
using Microsoft.Extensions.Options;

namespace Ecom.Profiling.Rules;

/// <summary>From baskets of product ids to rules of product ids.</summary>
internal sealed class RuleMiner(IOptions<ProfilingOptions> options)
{
    /// <returns>Rules best first, and whether the limit on item sets cut the search.</returns>
    public (IReadOnlyList<MinedRule> Rules, bool LimitReached) Mine(
        IReadOnlyList<string[]> baskets, CancellationToken cancellation)
    {
        var ids = baskets.SelectMany(basket => basket).Distinct().Order(StringComparer.Ordinal).ToArray();
        var indexes = ids.Index().ToDictionary(id => id.Item, id => id.Index);
        var mined = FrequentItemSets.Mine(
            [.. baskets.Select(basket => basket.Distinct().Select(product => indexes[product]).Order().ToArray())],
            new ItemSetOptions
            {
                MinimumCount = Math.Max(
                    options.Value.MinimumBaskets,
                    ItemSetOptions.CountOf(options.Value.MinimumSupport, baskets.Count)),
                MaximumLength = options.Value.LongestItemSet,
                MaximumItemSets = options.Value.MostItemSets,
            },
            cancellation);
        var rules = AssociationRules.Derive(mined, options.Value.MinimumConfidence);
        return ([.. rules.Select(rule => new MinedRule
        {
            Antecedent = [.. rule.Antecedent.Select(item => ids[item])],
            Consequent = ids[rule.Consequent],
            Baskets = rule.Count,
            AntecedentBaskets = rule.AntecedentCount,
            Support = rule.Support,
            Confidence = rule.Confidence,
            Lift = rule.Lift,
        })], mined.LimitReached);
    }
}
