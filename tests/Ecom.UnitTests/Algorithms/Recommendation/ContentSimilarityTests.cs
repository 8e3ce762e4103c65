using Ecom.Algorithms.Recommendation;

namespace Ecom.UnitTests.Algorithms.Recommendation;

public sealed class ContentSimilarityTests
{
    [Fact]
    public void Likeness_is_the_cosine_of_the_tf_idf_vectors()
    {
        // Items {a, b}, {a}, {b}, {}: idf of a and b is ln 2 each, so the first is (1, 1) / √2.
        var model = ContentSimilarity.Fit(
            Interactions.Create(4, 2, [0, 0, 1, 2], [0, 1, 0, 1]), Shops.Ids(4));
        var scores = new float[4];

        model.Score(Shops.History(0), scores);

        Assert.Equal(1, scores[0], 1e-6);
        Assert.Equal(1 / Math.Sqrt(2), scores[1], 1e-6);
        Assert.Equal(1 / Math.Sqrt(2), scores[2], 1e-6);
        Assert.Equal(0, scores[3]);
    }

    [Fact]
    public void An_item_that_nobody_touched_is_found_by_what_it_is_and_names_its_reason()
    {
        // Two kinds of ten items, attribute 0 or 1, and one attribute that all share.
        var items = Enumerable.Range(0, 40).Select(at => at / 2).ToArray();
        var attributes = items.Select((item, at) => at % 2 == 0 ? item / 10 : 2).ToArray();
        var model = ContentSimilarity.Fit(Interactions.Create(20, 3, items, attributes), Shops.Ids(20));

        var list = model.Recommend(Shops.History(3, 4), 20, exclude: [3, 4]);

        Assert.Equal([0, 1, 2, 5, 6, 7, 8, 9], list.Select(item => item.Item));
        Assert.All(list, item => Assert.Contains(item.Because, new[] { 3, 4 }));
    }
}
