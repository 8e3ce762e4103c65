using Ecom.Algorithms.Recommendation;

namespace Ecom.UnitTests.Algorithms.Recommendation;

/// <summary>What every recommender must keep, whatever its method.</summary>
public sealed class RecommenderConformanceTests
{
    public static TheoryData<string> Kinds =>
    [
        "popularity", "item-knn", "rp3beta", "als", "ease", "spectral", "blend", "session-knn", "sequential-rules",
        "co-purchase", "content", "user-knn", "bpr", "behaviours",
    ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Lists_are_sorted_distinct_of_the_asked_length_and_without_what_is_excluded(string kind)
    {
        var list = Fit(kind, Shops.TwoTastes(1)).Recommend(Shops.History(1, 2, 3), 5, exclude: [1, 2, 3, 4]);

        Assert.Equal(5, list.Count);
        Assert.Equal(5, list.Select(item => item.Item).Distinct().Count());
        Assert.DoesNotContain(list, item => item.Item is >= 1 and <= 4);
        Assert.Equal(list.OrderByDescending(item => item.Score).ThenBy(item => item.Item), list);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_list_holds_the_scores_of_the_model(string kind)
    {
        var model = Fit(kind, Shops.TwoTastes(1));
        var scores = new float[20];

        model.Score(Shops.History(11, 12), scores);

        Assert.All(model.Recommend(Shops.History(11, 12), 8, []), item => Assert.Equal(scores[item.Item], item.Score));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Order_and_repetition_in_a_history_change_nothing(string kind)
    {
        var model = Fit(kind, Shops.TwoTastes(1));

        var list = model.Recommend(Shops.History(3, 5, 7), 10, []);
        var other = model.Recommend(Shops.History(7, 3, 5, 3), 10, []);

        // Sums in another order may differ in the last bit.
        Assert.Equal(list.Select(item => item.Item), other.Select(item => item.Item));
        Assert.All(list.Zip(other), pair => Assert.Equal(pair.First.Score, pair.Second.Score, 1e-4f));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Many_items_are_explained_as_each_is_alone(string kind)
    {
        var model = Fit(kind, Shops.TwoTastes(1));
        var (together, alone) = (new float[4 * 2], new float[2]);
        int[] items = [4, 5, 13, 6];

        model.ContributionsOfMany(Shops.History(3, 12), items, together);

        for (var at = 0; at < items.Length; at++)
        {
            model.Contributions(Shops.History(3, 12), items[at], alone);
            Assert.All(
                alone.Zip(together[(2 * at)..((2 * at) + 2)]),
                pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_same_data_and_seed_give_the_same_bytes_with_any_number_of_threads(string kind)
    {
        var data = Shops.TwoTastes(2);

        Assert.Equal(Bytes(Fit(kind, data, threads: 1)), Bytes(Fit(kind, data, threads: 4)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_is_written_reads_back_to_the_same_answers(string kind)
    {
        var model = Fit(kind, Shops.TwoTastes(3));

        var back = RecommenderFormat.Read(new MemoryStream(Bytes(model)));

        Assert.Equal(kind, back.Kind);
        Assert.Equal(model.ItemIds, back.ItemIds);
        Assert.Equal(model.Recommend(Shops.History(4, 14), 20, []), back.Recommend(Shops.History(4, 14), 20, []));
        Assert.Equal(model.SimilarItems(4, 20), back.SimilarItems(4, 20));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_artefact_that_is_cut_short_or_not_one_is_refused(string kind)
    {
        var bytes = Bytes(Fit(kind, Shops.TwoTastes(3)));

        Assert.Throws<InvalidDataException>(() => RecommenderFormat.Read(new MemoryStream(bytes[..^1])));
        Assert.Throws<InvalidDataException>(() => RecommenderFormat.Read(new MemoryStream(bytes[..10])));
        bytes[0] ^= 1;
        Assert.Throws<InvalidDataException>(() => RecommenderFormat.Read(new MemoryStream(bytes)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Similar_items_never_hold_the_item_and_are_sorted(string kind)
    {
        var similar = Fit(kind, Shops.TwoTastes(4)).SimilarItems(6, 7);

        Assert.NotEmpty(similar);
        Assert.DoesNotContain(similar, other => other.Item == 6);
        Assert.Equal(similar.OrderByDescending(other => other.Score).ThenBy(other => other.Item), similar);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void No_interactions_and_no_items_are_survived(string kind)
    {
        var empty = Fit(kind, Shops.Of(0));
        var silent = Fit(kind, Shops.Of(3, [], []));

        Assert.Empty(empty.Recommend(Shops.History(), 5, []));
        Assert.Empty(silent.Recommend(Shops.History(), 5, []));
        Assert.Empty(silent.SimilarItems(1, 5));
        Assert.All(silent.Recommend(Shops.History(1), 5, []), item => Assert.Equal(0, item.Score));
    }

    [Theory]
    [InlineData("item-knn")]
    [InlineData("rp3beta")]
    [InlineData("als")]
    [InlineData("user-knn")]
    [InlineData("bpr")]
    [InlineData("session-knn")]
    [InlineData("sequential-rules")]
    [InlineData("co-purchase")]
    [InlineData("ease")]
    [InlineData("spectral")]
    [InlineData("blend")]
    [InlineData("behaviours")]
    public void A_personal_model_stays_within_the_taste_of_a_new_visitor_and_names_a_reason(string kind)
    {
        var model = Fit(kind, Shops.TwoTastes(5));

        var list = model.Recommend(Shops.History(12, 15), 8, exclude: [12, 15]);

        Assert.All(list, item => Assert.InRange(item.Item, 10, 19));
        Assert.All(list, item => Assert.Contains(item.Because, new[] { 12, 15 }));
        Assert.All(model.SimilarItems(3, 5), other => Assert.InRange(other.Item, 0, 9));
    }

    [Theory]
    [InlineData("item-knn")]
    [InlineData("rp3beta")]
    [InlineData("als")]
    [InlineData("user-knn")]
    [InlineData("bpr")]
    [InlineData("session-knn")]
    [InlineData("sequential-rules")]
    [InlineData("co-purchase")]
    [InlineData("ease")]
    [InlineData("spectral")]
    [InlineData("blend")]
    [InlineData("behaviours")]
    public void An_unknown_item_in_a_history_is_refused(string kind)
    {
        var model = Fit(kind, Shops.TwoTastes(5));

        Assert.Throws<ArgumentOutOfRangeException>(() => model.Recommend(Shops.History(20), 1, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Recommend(Shops.History(-1), 1, []));
    }

    private static IRecommender Fit(string kind, Interactions data, int threads = 2)
    {
        var ids = Shops.Ids(data.ItemCount);
        return kind switch
        {
            "popularity" => Popularity.Fit(data, ids),
            "item-knn" => ItemNeighbours.Fit(data, ids, new ItemNeighboursOptions { Threads = threads }),
            "session-knn" => SessionNeighbours.Fit(Shops.Sessions(data), ids, new SessionNeighboursOptions
            {
                HistoryDecay = float.PositiveInfinity,
                SpreadDecay = float.PositiveInfinity,
            }),
            "sequential-rules" => SequentialRules.Fit(Shops.Sessions(data), ids, new SequentialRulesOptions
            {
                Backward = 1,
                HistoryDecay = float.PositiveInfinity,
            }),
            // Who took an item up, as its attributes.
            "content" => ContentSimilarity.Fit(data.Transpose(), ids),
            "co-purchase" => CoPurchase.Fit(data, ids, new CoPurchaseOptions()),
            "rp3beta" => RandomWalk.Fit(data, ids, new RandomWalkOptions { Threads = threads }),
            "user-knn" => UserNeighbours.Fit(data, ids, new UserNeighboursOptions { Neighbours = 50 }),
            "bpr" => PairwiseRanking.Fit(data, ids, new PairwiseRankingOptions { Factors = 4, Epochs = 100 }),
            "ease" => LinearAutoencoder.Fit(
                data, ids, new LinearAutoencoderOptions { Regularisation = 10, Threads = threads }),
            "spectral" => SpectralFilter.Fit(data, ids, new SpectralFilterOptions { Rank = 2, Threads = threads }),
            "behaviours" => new BehaviourModel(
                ItemNeighbours.Fit(data, ids, new ItemNeighboursOptions { Threads = threads }), ids, [1]),
            "blend" => BlendTests.Fitted(data, threads),
            _ => AlternatingLeastSquares.Fit(data, ids, new AlternatingLeastSquaresOptions
            {
                Factors = 2,
                Threads = threads,
            }),
        };
    }

    private static byte[] Bytes(IRecommender model)
    {
        using var stream = new MemoryStream();
        model.Write(stream);
        return stream.ToArray();
    }
}
