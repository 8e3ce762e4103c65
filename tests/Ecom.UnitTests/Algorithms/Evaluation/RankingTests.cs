using CsCheck;
using Ecom.Algorithms.Evaluation;
using Ecom.Algorithms.Recommendation;
using Ecom.Algorithms.Recommendation.Tuning;
using Ecom.UnitTests.Algorithms.Recommendation;

namespace Ecom.UnitTests.Algorithms.Evaluation;

public sealed class RankingTests
{
    [Fact]
    public void Metrics_are_the_hand_computed_ones()
    {
        int[] ranked = [7, 1, 5, 2];
        HashSet<int> relevant = [1, 2, 9];

        // Hits at places 2 and 4; ideal: places 1 to 3.
        var ideal = 1 + (1 / Math.Log2(3)) + 0.5;
        Assert.Equal(((1 / Math.Log2(3)) + (1 / Math.Log2(5))) / ideal, RankingMetrics.Ndcg(ranked, relevant, 10), 12);
        Assert.Equal(1 / Math.Log2(3) / (1 + (1 / Math.Log2(3))), RankingMetrics.Ndcg(ranked, relevant, 2), 12);
        Assert.Equal(2.0 / 3, RankingMetrics.Recall(ranked, relevant, 10), 12);
        Assert.Equal(0, RankingMetrics.HitRate(ranked, relevant, 1));
        Assert.Equal(1, RankingMetrics.HitRate(ranked, relevant, 2));
    }

    [Fact]
    public void Ndcg_lies_between_0_and_1_and_is_1_only_for_an_ideal_list() =>
        Gen.Select(Gen.Shuffle(Enumerable.Range(0, 8).ToArray()), Gen.Int[0, 7].HashSet[1, 8], Gen.Int[1, 10])
            .Sample((ranked, relevant, k) =>
            {
                var ndcg = RankingMetrics.Ndcg(ranked, relevant, k);
                var ideal = Math.Min(k, relevant.Count);
                Assert.InRange(ndcg, 0, 1 + 1e-12);
                Assert.Equal(ranked.Take(ideal).All(relevant.Contains), ndcg > 1 - 1e-9);
            });

    [Fact]
    public void Training_items_are_not_ranked_and_users_without_test_items_do_not_count()
    {
        // Popularity: 0 (3), 1 (2), 2 (1), 3 (1). User 0 knows 0, so the list is 1, 2, 3.
        var train = Shops.Of(4, [0], [0, 1], [0, 1, 2, 3]);
        var test = Interactions.Create(3, 4, [0, 1], [2, 3]);

        var report = RankingEvaluation.Evaluate(
            Popularity.Fit(train, Shops.Ids(4)), TrainingSet.Of(train, Shops.Ids(4)), test, k: 2, threads: 2);

        Assert.Equal([0, 1], report.Users);
        Assert.Equal(1 / Math.Log2(3), report.NdcgByUser[0], 12);
        Assert.Equal(1 / Math.Log2(3), report.NdcgByUser[1], 12);
        Assert.Equal((1, 1), (report.HitRate, report.Recall));
        Assert.Equal(3.0 / 4, report.Coverage);
    }

    [Fact]
    public void Personal_models_beat_popularity_on_two_tastes()
    {
        var (train, test) = HoldOut(Shops.TwoTastes(7));
        var ids = Shops.Ids(20);
        var options = new AlternatingLeastSquaresOptions { Factors = 2, Regularisation = 1 };

        double Ndcg(IRecommender model) => RankingEvaluation.Evaluate(
            model, TrainingSet.Of(train, Shops.Ids(train.ItemCount)), test, 5, threads: 2).Ndcg;

        var popularity = Ndcg(Popularity.Fit(train, ids));
        Assert.True(Ndcg(ItemNeighbours.Fit(train, ids, new ItemNeighboursOptions())) > 1.3 * popularity);
        Assert.True(Ndcg(AlternatingLeastSquares.Fit(train, ids, options)) > 1.3 * popularity);
    }

    [Fact]
    public void Nobody_to_test_gives_zeros()
    {
        var none = Interactions.Create(0, 0, [], []);

        var report = RankingEvaluation.Evaluate(
            Popularity.Fit(none, []), TrainingSet.Of(none, []), none, 10, threads: 1);

        Assert.Equal((0, 0, 0, 0), (report.Ndcg, report.HitRate, report.Recall, report.Coverage));
    }

    [Fact]
    public void A_time_split_trains_before_the_cut_and_tests_new_items_of_known_users()
    {
        var cut = new DateTimeOffset(2026, 1, 10, 0, 0, 0, TimeSpan.Zero);
        TimedInteraction[] events =
        [
            new(0, 0, cut.AddTicks(-1)),
            new(0, 1, cut),
            new(0, 0, cut.AddDays(1)), // known already
            new(1, 1, cut.AddDays(1)), // user without history
            new(2, 2, cut.AddDays(-5), Weight: 3),
        ];

        var split = TimeSplit.At(events, cut, userCount: 3, itemCount: 3);

        Assert.Equal([0, 2], split.Train.Items);
        Assert.Equal([1f, 3f], split.Train.Weights);
        Assert.Equal([1], split.Test.ItemsOf(0).ToArray());
        Assert.Equal(1, split.Test.Count);
    }

    [Fact]
    public void A_bootstrap_interval_holds_the_true_mean_about_as_often_as_it_says()
    {
        var random = new Random(5);
        var held = 0;
        for (var trial = 0; trial < 200; trial++)
        {
            var values = Enumerable.Range(0, 60).Select(_ => random.NextDouble()).ToArray();
            var interval = Bootstrap.OfMean(values, 0.9, resamples: 300, seed: trial);
            held += interval.Low <= 0.5 && 0.5 <= interval.High ? 1 : 0;
        }

        Assert.InRange(held / 200.0, 0.83, 0.96);
    }

    [Fact]
    public void A_bootstrap_is_repeatable_and_sure_of_constants()
    {
        double[] values = [1, 2, 3, 4, 10];

        Assert.Equal(Bootstrap.OfMean(values, 0.95, 500, 1), Bootstrap.OfMean(values, 0.95, 500, 1));
        Assert.Equal(new ConfidenceInterval(2, 2, 2), Bootstrap.OfMean([2, 2, 2, 2], 0.95, 100, 1));
        Assert.Equal(default, Bootstrap.OfMean([], 0.95, 100, 1));
    }

    // The last item of each user is held out.
    private static (Interactions Train, Interactions Test) HoldOut(Interactions all)
    {
        int[][] rows = [.. Enumerable.Range(0, all.UserCount).Select(user => all.ItemsOf(user).ToArray())];
        var random = new Random(3);
        Array.ForEach(rows, row => random.Shuffle(row));
        return (
            Shops.Of(all.ItemCount, [.. rows.Select(row => row[1..])]),
            Shops.Of(all.ItemCount, [.. rows.Select(row => row[..1])]));
    }
}
