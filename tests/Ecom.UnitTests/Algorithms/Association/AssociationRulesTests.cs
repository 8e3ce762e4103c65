using CsCheck;
using Ecom.Algorithms.Association;

namespace Ecom.UnitTests.Algorithms.Association;

public sealed class AssociationRulesTests
{
    private static readonly int[][] Textbook = [[0, 1], [0, 2, 3, 4], [1, 2, 3, 5], [0, 1, 2, 3], [0, 1, 2, 5]];

    [Fact]
    public void Support_confidence_and_lift_are_those_of_the_textbook()
    {
        var rules = Rules(Textbook, least: 3, confidence: 0.8);

        var rule = Assert.Single(rules);
        Assert.Equal([3], rule.Antecedent);
        Assert.Equal(2, rule.Consequent);
        Assert.Equal((3, 3), (rule.Count, rule.AntecedentCount));
        Assert.Equal(0.6, rule.Support, 12);
        Assert.Equal(1, rule.Confidence, 12);
        Assert.Equal(1.25, rule.Lift, 12);
    }

    [Fact]
    public void Rules_equal_those_of_a_naive_search_and_come_best_first() =>
        Gen.Select(Gen.Int[0, 5].Array[0, 6].List[1, 40], Gen.Double[0, 1]).Sample((baskets, confidence) =>
        {
            var rules = Rules(baskets, least: 2, confidence);

            var masks = baskets.ConvertAll(basket => basket.Distinct().Sum(item => 1 << item));
            var expected = new HashSet<(int, int)>();
            for (var left = 1; left < 1 << 6; left++)
            {
                for (var right = 0; right < 6; right++)
                {
                    var both = masks.Count(basket => (basket & (left | (1 << right))) == (left | (1 << right)));
                    var one = masks.Count(basket => (basket & left) == left);
                    if ((left >> right & 1) == 0 && both >= 2 && (double)both / one >= confidence)
                    {
                        expected.Add((left, right));
                    }
                }
            }

            var found = rules.Select(rule => (rule.Antecedent.Sum(item => 1 << item), rule.Consequent));
            var confidences = rules.Select(rule => rule.Confidence).ToArray();
            Assert.Equal(expected, found.ToHashSet());
            Assert.Equal(confidences.OrderDescending(), confidences);
        });

    [Fact]
    public void A_planted_affinity_is_the_best_rule_and_independent_items_have_lift_one()
    {
        // Item 0 half of the time, 1 half of the time and independent, 2 always and only with 0 and 1.
        var baskets = Enumerable.Range(0, 400)
            .Select(n => new[] { n % 2 == 0 ? 0 : -1, n / 2 % 2 == 0 ? 1 : -1, n % 4 == 0 ? 2 : -1 })
            .Select(items => items.Where(item => item >= 0).ToArray())
            .ToArray();

        var rules = Rules(baskets, least: 10, confidence: 0.1);

        var best = rules.First(rule => rule.Consequent == 2);
        Assert.Equal([0, 1], best.Antecedent);
        Assert.Equal((1.0, 4.0), (best.Confidence, best.Lift));
        Assert.Equal(1, rules.Single(rule => rule.Antecedent is [0] && rule.Consequent == 1).Lift, 12);
    }

    [Fact]
    public void A_completion_is_the_best_rule_for_each_item_that_is_not_in_the_basket()
    {
        var completion = new BasketCompletion(Rules(Textbook, least: 1, confidence: 0.1));

        var answers = completion.Complete([3, 1], 10);

        Assert.DoesNotContain(answers, answer => answer.Item is 1 or 3);
        Assert.Equal(2, answers[0].Item);
        Assert.Equal(1, answers[0].Rule.Confidence);
        Assert.Equal(answers.Count, answers.Select(answer => answer.Item).Distinct().Count());
        Assert.Empty(completion.Complete([], 10));
        Assert.Empty(completion.Complete([77], 10));
        Assert.Single(completion.Complete([3, 1], 1));
    }

    [Fact]
    public void The_index_answers_what_a_scan_over_all_rules_would() =>
        Gen.Select(Gen.Int[0, 6].Array[0, 6].List[1, 40], Gen.Int[0, 6].HashSet[0, 5]).Sample((baskets, basket) =>
        {
            var rules = Rules(baskets, least: 1, confidence: 0.3);

            var answers = new BasketCompletion(rules).Complete(basket, 3);

            var expected = rules
                .Where(rule => rule.Antecedent.All(basket.Contains) && !basket.Contains(rule.Consequent))
                .GroupBy(rule => rule.Consequent)
                .Select(group => (Item: group.Key, group.First().Confidence, group.First().Lift))
                .OrderByDescending(one => one.Confidence)
                .ThenByDescending(one => one.Lift)
                .ThenBy(one => one.Item)
                .Take(3);
            Assert.Equal(expected, answers.Select(one => (one.Item, one.Rule.Confidence, one.Rule.Lift)));
        });

    private static IReadOnlyList<AssociationRule> Rules(IReadOnlyList<int[]> baskets, int least, double confidence) =>
        AssociationRules.Derive(
            FrequentItemSets.Mine(baskets, new ItemSetOptions { MinimumCount = least }), confidence);
}
