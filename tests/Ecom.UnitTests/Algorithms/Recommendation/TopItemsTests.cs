using Ecom.Algorithms.Recommendation;

namespace Ecom.UnitTests.Algorithms.Recommendation;

public sealed class TopItemsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(500)]
    public void The_best_are_those_of_a_full_sort(int count)
    {
        var random = new Random(count);

        // Few values, so that many are equal.
        var scores = Enumerable.Range(0, 333).Select(_ => random.Next(-5, 40) / 8f).ToArray();
        int[] exclude = [.. Enumerable.Range(0, 60).Select(_ => random.Next(333))];

        var best = TopItems.Select(scores, count, floor: 0, exclude);

        var sorted = scores.Select((score, item) => new ScoredItem(item, score))
            .Where(one => one.Score > 0 && !exclude.Contains(one.Item))
            .OrderByDescending(one => one.Score).ThenBy(one => one.Item).Take(count);
        Assert.Equal(sorted, best);
    }

    [Fact]
    public void NaN_and_scores_at_the_floor_are_never_selected()
    {
        float[] scores = [float.NaN, 0, 1, .. Enumerable.Repeat(float.NaN, 20), 2, float.NegativeInfinity];

        var best = TopItems.Select(scores, 10, floor: 0, exclude: []);

        Assert.Equal([new ScoredItem(23, 2), new ScoredItem(2, 1)], best);
    }

    [Fact]
    public void Items_that_do_not_exist_may_be_excluded() =>
        Assert.Single(TopItems.Select([1f, 2f], 5, floor: 0, exclude: [-1, 1, 77]));

    [Fact]
    public void None_of_none() => Assert.Empty(TopItems.Select([1f], 0, floor: 0, exclude: []));
}
