using Ecom.Algorithms.Recommendation;

namespace Ecom.UnitTests.Algorithms.Recommendation;

public sealed class DiversityTests
{
    [Fact]
    public void At_no_strength_the_order_stays() =>
        Assert.Equal([4, 3, 2], Diversity.Rank(Candidates(5, 4, 3, 2, 1), Popular(5, 4, 3), strength: 0, count: 3));

    [Fact]
    public void A_tiny_list_is_re_ranked_exactly()
    {
        // Relevance 4, 3, 2, 1: deviation √1.25 = 1.118. At strength 0.25 a kind's reward begins with 1.118 and loses a
        // tenth with each product: after item 3 (popular) 1.0062, after item 2 0.9056, so that item 1, not popular and
        // at 2 + 1.118 = 3.118, stays behind item 2 (3 + 1.0062 = 4.0062).
        Assert.Equal([3, 2, 1, 0], Diversity.Rank(Candidates(4, 3, 2, 1), Popular(4, 3, 2), 0.25, 4));

        // At full strength 4.472, then 4.025: item 2 at 7.025 before item 1 at 6.472; then 3.622: item 0, popular, at
        // 4.622 behind item 1.
        Assert.Equal([3, 2, 1, 0], Diversity.Rank(Candidates(4, 3, 2, 1), Popular(4, 3, 2, 0), 1, 4));

        // Relevance 4, 3.9, 3.8, 0: deviation 1.692; after item 3 6.768 · 0.9 = 6.091 + 3.9 = 9.991 < 3.8 + 6.768.
        Assert.Equal([3, 1, 2, 0], Diversity.Rank(Candidates(4, 3.9f, 3.8f, 0), Popular(4, 3, 2), 1, 4));
    }

    [Fact]
    public void A_strength_means_the_same_whatever_the_scale_of_the_model()
    {
        var random = new Random(3);
        var scores = Enumerable.Range(0, 40).Select(_ => random.NextSingle()).OrderDescending().ToArray();
        var popular = Popular(40, [.. Enumerable.Range(20, 20)]);

        Assert.Equal(
            Diversity.Rank(Candidates(scores), popular, 0.5, 20),
            Diversity.Rank(Candidates([.. scores.Select(score => (score * 64) + 128)]), popular, 0.5, 20));
    }

    [Fact]
    public void What_is_like_the_first_product_comes_later()
    {
        // Items 3 and 2 are twins.
        float Likeness(int one, int other) => one + other == 5 ? 1 : 0;

        Assert.Equal(
            [3, 1, 2, 0], Diversity.Rank(Candidates(1, 0.99f, 0.98f, 0.1f), new bool[4], 1, 4, Likeness));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_equals_the_definition_written_down_plainly(int seed)
    {
        var random = new Random(seed);
        var scores = Enumerable.Range(0, 30).Select(_ => random.NextSingle()).OrderDescending().ToArray();
        var popular = Enumerable.Range(0, 30).Select(_ => random.Next(2) == 0).ToArray();
        var alike = new float[30, 30];
        foreach (var (one, other) in Enumerable.Range(0, 900).Select(pair => (pair / 30, pair % 30)))
        {
            alike[one, other] = alike[other, one] = random.NextSingle();
        }

        Assert.Equal(
            Plainly(Candidates(scores), popular, 0.7, alike),
            Diversity.Rank(Candidates(scores), popular, 0.7, 15, (one, other) => alike[one, other]));
    }

    [Fact]
    public void Lists_of_head_and_tail_cover_more_of_the_catalogue()
    {
        // Everybody's best ten are the same ten; behind them come ten of the visitor's own, hardly worse.
        var popular = Popular(210, [.. Enumerable.Range(0, 10)]);
        HashSet<int> plain = [], diverse = [];
        for (var user = 0; user < 20; user++)
        {
            ScoredItem[] candidates =
            [
                .. Enumerable.Range(0, 10).Select(item => new ScoredItem(item, 1 - (item / 100f))),
                .. Enumerable.Range(10 * (user + 1), 10)
                    .Select(item => new ScoredItem(item, 0.9f - (item % 10 / 100f))),
            ];
            plain.UnionWith(candidates.Take(10).Select(one => one.Item));
            diverse.UnionWith(Diversity.Rank(candidates, popular, Diversity.DefaultStrength, 10));
        }

        Assert.Equal(10, plain.Count);
        Assert.InRange(diverse.Count, 40, 120);
    }

    [Fact]
    public void The_fewest_products_with_most_of_the_demand_are_popular()
    {
        Assert.Equal([false, true, false, true], Diversity.PopularOf([10, 50, 10, 30]));
        Assert.Equal([true, true, false], Diversity.PopularOf([1, 1, 0]));
        Assert.Equal([false, false], Diversity.PopularOf([0, 0]));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void A_strength_out_of_range_is_refused(double strength) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Diversity(strength, 1));

    [Fact]
    public void Nothing_and_equal_candidates_are_ranked_too()
    {
        Assert.Empty(Diversity.Rank([], [], 1, 10));
        Assert.Equal([1, 0], Diversity.Rank(Candidates(1, 1), new bool[2], 1, 10));
    }

    // Items are numbered downwards, so that an order by item would show.
    private static ScoredItem[] Candidates(params float[] scores) =>
        [.. scores.Select((score, place) => new ScoredItem(scores.Length - 1 - place, score))];

    private static bool[] Popular(int items, params int[] popular) =>
        [.. Enumerable.Range(0, items).Select(popular.Contains)];

    private static int[] Plainly(ScoredItem[] candidates, bool[] popular, double strength, float[,] alike)
    {
        var mean = candidates.Average(one => one.Score);
        var deviation = Math.Sqrt(candidates.Average(one => (one.Score - mean) * (one.Score - mean)));
        var chosen = new List<int>();
        while (chosen.Count < 15)
        {
            chosen.Add(candidates.Where(one => !chosen.Contains(one.Item)).MaxBy(one =>
                one.Score
                + (strength * deviation * 4 * Math.Pow(
                    0.9, chosen.Count(item => popular[item] == popular[one.Item])))
                - (strength * deviation * chosen.Select(item => alike[one.Item, item]).DefaultIfEmpty().Max())).Item);
        }

        return [.. chosen];
    }
}
