using CsCheck;
using Ecom.Algorithms.Recommendation;

namespace Ecom.UnitTests.Algorithms.Recommendation;

public sealed class ItemNeighboursTests
{
    private static readonly ItemNeighboursOptions Plain = new()
    {
        Weighting = NeighbourWeighting.Cosine,
        Neighbours = 8,
        Shrinkage = 0,
        Threads = 1,
    };

    [Fact]
    public void Similarity_is_the_share_of_common_buyers()
    {
        // Item 0: users 0, 1, 2. Item 1: users 0, 1. Item 2: user 2.
        var model = ItemNeighbours.Fit(Shops.Of(3, [0, 1], [0, 1], [0, 2]), Shops.Ids(3), Plain);

        var similar = model.SimilarItems(0, 5);

        Assert.Equal([1, 2], similar.Select(other => other.Item));
        Assert.Equal(2 / Math.Sqrt(3 * 2), similar[0].Score, 6);
        Assert.Equal(1 / Math.Sqrt(3 * 1), similar[1].Score, 6);
        Assert.Equal([0], model.SimilarItems(1, 5).Select(other => other.Item));
    }

    [Fact]
    public void Shrinkage_prefers_what_rests_on_many_buyers()
    {
        // 0 with 1: one of one buyer. 2 with 3: nine of ten.
        int[][] baskets = [[0, 1], .. Enumerable.Repeat<int[]>([2, 3], 9), [2], [3]];
        var plain = ItemNeighbours.Fit(Shops.Of(4, baskets), Shops.Ids(4), Plain);
        var shrunk = ItemNeighbours.Fit(Shops.Of(4, baskets), Shops.Ids(4), Plain with { Shrinkage = 5 });

        Assert.Equal(1, plain.SimilarItems(0, 1)[0].Score, 6);
        Assert.Equal(0.9, plain.SimilarItems(2, 1)[0].Score, 6);
        Assert.Equal(1.0 / 6, shrunk.SimilarItems(0, 1)[0].Score, 6);
        Assert.Equal(9.0 / 15, shrunk.SimilarItems(2, 1)[0].Score, 6);
    }

    [Fact]
    public void The_reason_is_the_most_similar_item_of_the_history()
    {
        int[][] baskets = [[0, 2], [0, 2], [1, 2], [1], [1]];

        var model = ItemNeighbours.Fit(Shops.Of(3, baskets), Shops.Ids(3), Plain);
        var list = model.Recommend(Shops.History(0, 1), 1, [0, 1]);

        Assert.Equal(2, list[0].Item);
        Assert.Equal(0, list[0].Because);
        Assert.Equal((2 / Math.Sqrt(2 * 3)) + (1 / Math.Sqrt(3 * 3)), list[0].Score, 6);
    }

    [Fact]
    public void Only_the_best_neighbours_are_kept()
    {
        var options = Plain with { Neighbours = 1 };

        var model = ItemNeighbours.Fit(Shops.Of(3, [0, 1], [0, 1], [0, 2]), Shops.Ids(3), options);

        Assert.Equal([1], model.SimilarItems(0, 5).Select(other => other.Item));
    }

    [Fact]
    public void Tf_idf_trusts_users_of_few_items_more()
    {
        // Item 0 is shared with 1 by a user of two items, with 2 by a user of four.
        int[][] baskets = [[0, 1], [0, 2, 3, 4], [1], [2]];
        var options = Plain with { Weighting = NeighbourWeighting.TfIdf };

        var similar = ItemNeighbours.Fit(Shops.Of(6, baskets), Shops.Ids(6), options).SimilarItems(0, 5);

        // idf of a user of d items: ln 6 - ln (1 + d).
        var (two, four, one) = (Math.Log(6 / 3.0), Math.Log(6 / 5.0), Math.Log(6 / 2.0));
        var norm = Math.Sqrt((two * two) + (four * four));
        Assert.Equal(1, similar[0].Item);
        Assert.Equal(two * two / (norm * Math.Sqrt((two * two) + (one * one))), similar[0].Score, 1e-5);
    }

    [Fact]
    public void Bm25_equals_its_formula()
    {
        int[][] baskets = [[0, 1], [0], [2]];
        var options = Plain with { Weighting = NeighbourWeighting.Bm25 };

        var similar = ItemNeighbours.Fit(Shops.Of(3, baskets), Shops.Ids(3), options).SimilarItems(0, 5);

        // Lengths 2, 1, 1; mean 4/3; k1 100, b 0.8; idf of the user of two items is ln 3 - ln 3 = 0.
        Assert.Empty(similar);
        baskets = [[0, 1], [0], [2], [3]];
        similar = ItemNeighbours.Fit(Shops.Of(4, baskets), Shops.Ids(4), options).SimilarItems(0, 5);
        var idf = Math.Log(4 / 3.0);
        var (first, second) = (0.2 + (0.8 * 2 / 1.25), 0.2 + (0.8 * 1 / 1.25));
        var expected = 101 / ((100 * first) + 1) * (101 / ((100 * second) + 1)) * idf * idf;
        Assert.Equal(expected, similar[0].Score, 1e-6);
    }

    [Fact]
    public void Similarities_are_symmetric_at_most_one_and_equal_a_naive_computation() =>
        Gen.Int[0, 7].HashSet[0, 8].Select(items => items.ToArray()).List[0, 20].Sample(baskets =>
        {
            var model = ItemNeighbours.Fit(Shops.Of(8, [.. baskets]), Shops.Ids(8), Plain);
            for (var item = 0; item < 8; item++)
            {
                var similar = model.SimilarItems(item, 8).ToDictionary(other => other.Item, other => other.Score);
                for (var other = 0; other < 8; other++)
                {
                    var both = baskets.Count(basket => basket.Contains(item) && basket.Contains(other));
                    Assert.Equal(other != item && both > 0, similar.ContainsKey(other));
                    if (other != item && both > 0)
                    {
                        double first = baskets.Count(basket => basket.Contains(item));
                        double second = baskets.Count(basket => basket.Contains(other));
                        Assert.Equal(both / Math.Sqrt(first * second), similar[other], 1e-6);
                        Assert.InRange(similar[other], 0, 1 + 1e-6f);
                        Assert.Contains(model.SimilarItems(other, 8), back => back.Item == item);
                    }
                }
            }
        });
}
