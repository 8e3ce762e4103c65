using Ecom.Recommendation.Lists;
using Ecom.Recommendation.Storage;

namespace Ecom.Recommendation.Rules;

/// <summary>What a rule would have changed in answers that were given.</summary>
internal sealed record RuleSimulation
{
    private const int MostProducts = 20;
    private const int MostExamples = 5;

    /// <summary>Answers of the last week that it was tried on.</summary>
    public required int Answers { get; init; }

    /// <summary>Answers in which it changes a product or its position.</summary>
    public required int Changed { get; init; }

    public double ChangedShare => Answers == 0 ? 0 : (double)Changed / Answers;

    /// <summary>Products that come into answers, most often first.</summary>
    public required IReadOnlyList<ProductCount> Gained { get; init; }

    /// <summary>Products that fall out of answers, most often first.</summary>
    public required IReadOnlyList<ProductCount> Lost { get; init; }

    /// <summary>Clicks that were made on products that would not have been there.</summary>
    public required int ClicksLost { get; init; }

    public required IReadOnlyList<RuleExample> Examples { get; init; }

    /// <summary>Active rules that want the same position, or do otherwise to products that both match.</summary>
    public required IReadOnlyList<string> Conflicts { get; init; }

    /// <summary>Makes each answer with the active rules, then with one more, on the catalogue as it is now.</summary>
    public static RuleSimulation Of(
        Rule rule,
        IReadOnlyList<Rule> active,
        IReadOnlyList<AnswerSample> samples,
        Catalogue catalogue,
        DateTimeOffset now)
    {
        var others = active.Where(one => one.Number != rule.Number && one.HoldsAt(now)).ToArray();
        var sets = samples.Select(sample => sample.Placement).Distinct().ToDictionary(
            placement => placement,
            placement => (Without: RuleSet.Of(others, placement), With: RuleSet.Of([.. others, rule], placement)));
        var (gained, lost) = (new Dictionary<string, int>(), new Dictionary<string, int>());
        var examples = new List<RuleExample>();
        var (changed, clicksLost) = (0, 0);
        foreach (var sample in samples)
        {
            var before = Remake(sets[sample.Placement].Without, sample, catalogue, now);
            var after = Remake(sets[sample.Placement].With, sample, catalogue, now);
            if (before.SequenceEqual(after))
            {
                continue;
            }

            changed++;
            Add(gained, after.Except(before));
            Add(lost, before.Except(after));
            clicksLost += sample.Clicked.Intersect(before).Except(after).Count();
            if (examples.Count < MostExamples)
            {
                examples.Add(new RuleExample
                {
                    RecommendationId = sample.AnswerId,
                    Placement = sample.Placement,
                    Before = before,
                    After = after,
                });
            }
        }

        return new RuleSimulation
        {
            Answers = samples.Count,
            Changed = changed,
            Gained = Top(gained),
            Lost = Top(lost),
            ClicksLost = clicksLost,
            Examples = examples,
            Conflicts = [.. others.SelectMany(other => RuleConflicts.Between(rule, other, samples, catalogue))],
        };
    }

    /// <summary>The answer as a set of rules would have made it.</summary>
    public static string[] Remake(RuleSet rules, AnswerSample sample, Catalogue catalogue, DateTimeOffset now)
    {
        var wanted = rules.Wanted(sample.IsKnown, now).Where(catalogue.CanBeSold);
        RuleCandidate[] candidates =
        [
            .. sample.Candidates.Union(wanted).Select(id => new RuleCandidate(id, catalogue.Find(id)?.Facts.Master)),
        ];
        var places = new int[Math.Min(sample.Shown.Length, candidates.Length)];
        var placed = rules.Arrange(candidates, sample.IsKnown, now, places);
        return [.. places.Take(placed).Select(at => candidates[at].ProductId)];
    }

    private static void Add(Dictionary<string, int> counts, IEnumerable<string> products)
    {
        foreach (var product in products)
        {
            counts[product] = counts.GetValueOrDefault(product) + 1;
        }
    }

    private static ProductCount[] Top(Dictionary<string, int> counts) =>
        [.. counts
            .OrderByDescending(pair => pair.Value)
            .ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .Take(MostProducts)
            .Select(pair => new ProductCount { ProductId = pair.Key, Answers = pair.Value })];
}

/// <summary>A product and in how many answers.</summary>
internal sealed record ProductCount
{
    public required string ProductId { get; init; }

    public required int Answers { get; init; }
}

/// <summary>An answer before and after.</summary>
internal sealed record RuleExample
{
    public required string RecommendationId { get; init; }

    public required string Placement { get; init; }

    public required IReadOnlyList<string> Before { get; init; }

    public required IReadOnlyList<string> After { get; init; }
}

/// <summary>Where two rules want different things.</summary>
internal static class RuleConflicts
{
    public static IEnumerable<string> Between(
        Rule rule, Rule other, IReadOnlyList<AnswerSample> samples, Catalogue catalogue)
    {
        var (mine, theirs) = (rule.Plan, other.Plan);
        if (mine.Placements.Count > 0 && theirs.Placements.Count > 0
            && !mine.Placements.Intersect(theirs.Placements).Any())
        {
            yield break;
        }

        if (mine.Pin is { } position && position == theirs.Pin)
        {
            var wins = mine.Priority > theirs.Priority ? "this rule" : $"rule {other.Number}";
            yield return $"Rule {other.Number} ({theirs.Title}) wants position {position} too: {wins} gets it.";
        }

        if (mine.Effect == theirs.Effect && (mine.Effect != "boost" || (mine.Boost > 1) == (theirs.Boost > 1)))
        {
            yield break;
        }

        var (first, second) = (RuleSet.Of([rule], Any(mine)), RuleSet.Of([other], Any(theirs)));
        var both = samples.SelectMany(sample => sample.Candidates).Concat(mine.When.Products).Distinct()
            .Select(id => new RuleCandidate(id, catalogue.Find(id)?.Facts.Master))
            .FirstOrDefault(candidate =>
                first.Explain(candidate, true, DateTimeOffset.MinValue).Any()
                && second.Explain(candidate, true, DateTimeOffset.MinValue).Any());
        if (both.ProductId is not null)
        {
            yield return $"Rule {other.Number} ({theirs.Title}) says {theirs.Effect} of {both.ProductId}, "
                + $"this one {mine.Effect}.";
        }
    }

    private static string Any(RulePlan plan) => plan.Placements.Count > 0 ? plan.Placements[0] : string.Empty;
}
