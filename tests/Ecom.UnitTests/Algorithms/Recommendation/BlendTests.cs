using Ecom.Algorithms.Recommendation;
using Ecom.Algorithms.Recommendation.Tuning;

namespace Ecom.UnitTests.Algorithms.Recommendation;

public sealed class BlendTests
{
    [Fact]
    public void A_score_is_the_weighted_sum_of_standardised_scores()
    {
        // Popularity 2, 1, 1: deviation √(2/9).
        var popularity = Popularity.Fit(Shops.Of(3, [0, 1], [0, 2]), Shops.Ids(3));
        var blend = new Blend([popularity, popularity], [1, 0.5f], recency: 1);
        var scores = new float[3];

        blend.Score(Shops.History(1), scores);

        Assert.Equal(1.5 * 2 / Math.Sqrt(2.0 / 9), scores[0], 1e-4);
    }

    [Fact]
    public void A_newer_item_counts_more_when_histories_fade()
    {
        var data = Shops.Of(4, [0, 1], [0, 1], [2, 3], [2, 3]);
        var model = ItemNeighbours.Fit(data, Shops.Ids(4), new ItemNeighboursOptions { Threads = 1 });
        var blend = new Blend([model], [1], recency: 0.5f);

        Assert.Equal(1, blend.Recommend(Shops.History(2, 0), 1, [2, 0])[0].Item);
        Assert.Equal(3, blend.Recommend(Shops.History(0, 2), 1, [2, 0])[0].Item);
    }

    [Fact]
    public void Many_users_get_what_each_gets_alone()
    {
        var data = Shops.TwoTastes(3);
        var blend = Fitted(data);
        int[] users = [0, 5, 17];
        var together = new float[users.Length * 20];
        var alone = new float[20];

        blend.ScoreMany(HistorySet.Of(data), users, together);

        for (var at = 0; at < users.Length; at++)
        {
            blend.Score(History.Of(data, users[at]), alone);
            Assert.All(
                alone.Zip(together[(at * 20)..((at + 1) * 20)]),
                pair => Assert.Equal(pair.First, pair.Second, 1e-3));
        }
    }

    [Fact]
    public void Members_of_other_items_are_refused()
    {
        var one = Popularity.Fit(Shops.Of(2, [0, 1]), Shops.Ids(2));
        var two = Popularity.Fit(Shops.Of(3, [0, 1]), Shops.Ids(3));

        Assert.Throws<ArgumentException>(() => new Blend([one, two], [1, 1], 1));
        Assert.Throws<ArgumentException>(() => new Blend([one], [], 1));
    }

    [Fact]
    public void Tuning_finds_the_planted_structure_that_popularity_cannot()
    {
        var (known, wanted) = Split(Shops.TwoTastes(2));
        var data = TrainingSet.Of(known, Shops.Ids(20));
        var options = new TuningOptions { Budget = TimeSpan.FromSeconds(20), Threads = 1 };

        var tuned = RecommenderTuning.Tune(data, wanted, excluded: null, options);

        var heldOut = new HeldOut(data, wanted, excluded: null, 1_000, seed: 1);
        var popular = heldOut.Ndcg(Popularity.Fit(known, Shops.Ids(20)), threads: 1);
        var blended = heldOut.Ndcg(tuned.Fit(data, threads: 1, seed: 1), threads: 1);
        Assert.True(blended > 1.2 * popular, $"{blended} against {popular}");
        Assert.True(tuned.Ndcg >= tuned.Single[0].Ndcg - 1e-6, "The blend is worse than its best member.");
    }

    [Fact]
    public void A_slowed_search_ends_at_the_same_bytes()
    {
        var (known, wanted) = Split(Shops.TwoTastes(2));
        var data = TrainingSet.Of(known, Shops.Ids(20));
        var options = new TuningOptions { Budget = TimeSpan.FromSeconds(0.02), Threads = 1 };

        var quick = RecommenderTuning.Tune(data, wanted, excluded: null, options);
        var slowed = RecommenderTuning.Tune(data, wanted, excluded: null, options with
        {
            Threads = 2,
            Brake = () =>
            {
                // Each look at the brake takes time: a machine that is busy with something else.
                Thread.Sleep(2);
                return false;
            },
        });

        Assert.Equal(Bytes(quick), Bytes(slowed));
        Assert.False(slowed.WasCutShort);
        Assert.True(
            quick.Single.Sum(single => single.Tried) < Generous().Single.Sum(single => single.Tried),
            "The budget did not end the search: nothing was tested.");

        byte[] Bytes(TunedBlend blend)
        {
            using var artefact = new MemoryStream();
            blend.Fit(data, threads: 1, seed: 1).Write(artefact);
            return artefact.ToArray();
        }

        TunedBlend Generous() => RecommenderTuning.Tune(
            data, wanted, excluded: null, options with { Budget = TimeSpan.FromSeconds(2) });
    }

    [Fact]
    public void The_clock_stops_a_search_that_takes_many_times_its_budget_and_that_is_told()
    {
        var (known, wanted) = Split(Shops.TwoTastes(2));
        var told = new List<string>();

        var tuned = RecommenderTuning.Tune(
            TrainingSet.Of(known, Shops.Ids(20)),
            wanted,
            excluded: null,
            new TuningOptions { Threads = 1, Brake = () => true },
            new Listener(told));

        Assert.True(tuned.WasCutShort);
        Assert.Contains(told, text => text.Contains("cut short", StringComparison.Ordinal));
        Assert.All(tuned.Single, single => Assert.Equal(1, single.Tried));
    }

    [Fact]
    public void What_is_foretold_grows_with_the_data_and_leaves_out_what_memory_does_not_hold()
    {
        var small = new DataShape
        {
            Users = 1_000, Items = 500, Entries = 20_000, PairsByUser = 6e5, PairsByItem = 2e6,
        };
        var large = new DataShape
        {
            Users = 9_000, Items = 4_500, Entries = 180_000, PairsByUser = 5e6, PairsByItem = 2e7,
        };
        var options = new TuningOptions { MostBytes = 100 << 20 };

        var few = RecommenderTuning.Predict(small, options);
        var many = RecommenderTuning.Predict(large, options);

        Assert.Equal("blend", few[^1].Model);
        Assert.Contains(few, one => one.Model == "ease");
        // 4,500² · 8 bytes.
        Assert.DoesNotContain(many, one => one.Model == "ease");
        Assert.All(many.SkipLast(1), one =>
        {
            var before = few.Single(other => other.Model == one.Model).Cost;
            Assert.True(one.Cost.Operations > before.Operations && one.Cost.Bytes > before.Bytes, one.Model);
        });
    }

    [Fact]
    public void A_search_of_small_data_is_foretold_by_the_data_and_one_of_large_data_by_the_budget()
    {
        var small = new DataShape
        {
            Users = 500, Items = 200, Entries = 5_000, PairsByUser = 1e5, PairsByItem = 3e5,
        };
        var large = new DataShape
        {
            Users = 90_000, Items = 45_000, Entries = 2_000_000, PairsByUser = 2e8, PairsByItem = 5e8,
        };
        TrainingCost Foretold(DataShape shape, int minutes) => RecommenderTuning.Predict(
            shape, new TuningOptions { Budget = TimeSpan.FromMinutes(minutes) })[^1].Cost;

        Assert.Equal(Foretold(small, 5), Foretold(small, 2));
        Assert.InRange(Foretold(small, 5).ReferenceTime.TotalSeconds, 0.5, 60);
        var more = Foretold(large, 5).ReferenceTime - Foretold(large, 2).ReferenceTime;
        Assert.Equal(3, more.TotalMinutes, 1e-3);
    }

    [Fact]
    public void Members_that_share_a_decomposition_say_what_each_fitted_alone_says()
    {
        var data = TrainingSet.Of(Shops.TwoTastes(1), Shops.Ids(20));
        var plain = new Recipe("spectral", new Dictionary<string, double> { ["rank"] = 4 });
        Recipe[] recipes = [plain, plain.With("power", 4).With("exponent", 0), plain.With("rank", 5)];

        var members = Recipe.FitAll(recipes, data, 1, 1, CancellationToken.None);

        for (var at = 0; at < recipes.Length; at++)
        {
            var (shared, alone) = (new float[20], new float[20]);
            members[at].Score(Shops.History(3, 5, 12), shared);
            recipes[at].Fit(data, 1, 1).Score(Shops.History(3, 5, 12), alone);
            Assert.Equal(alone, shared);
        }
    }

    [Fact]
    public void Nothing_held_out_is_refused() => Assert.Throws<ArgumentException>(() => RecommenderTuning.Tune(
        TrainingSet.Of(Shops.Of(2, [0, 1]), Shops.Ids(2)), Shops.Of(2, []), null, new TuningOptions()));

    [Fact]
    public void One_user_and_one_item_are_survived()
    {
        var data = TrainingSet.Of(Shops.Of(1, [0]), Shops.Ids(1));
        var wanted = Shops.Of(1, [0]);

        var tuned = RecommenderTuning.Tune(data, wanted, null, new TuningOptions { Threads = 1 });

        Assert.Empty(tuned.Fit(data, 1, 1).Recommend(Shops.History(0), 5, [0]));
    }

    private sealed class Listener(List<string> told) : IProgress<string>
    {
        public void Report(string value) => told.Add(value);
    }

    internal static Blend Fitted(Interactions data, int threads = 1)
    {
        var ids = Shops.Ids(data.ItemCount);
        return new Blend(
            [
                ItemNeighbours.Fit(data, ids, new ItemNeighboursOptions { Threads = threads }),
                AlternatingLeastSquares.Fit(
                    data, ids, new AlternatingLeastSquaresOptions { Factors = 2, Threads = threads }),
                SpectralFilter.Fit(data, ids, new SpectralFilterOptions { Rank = 2, Threads = threads }),
            ],
            [1, 0.5f, 0.25f],
            recency: 1);
    }

    // The last item of each user is wanted.
    private static (Interactions Known, Interactions Wanted) Split(Interactions data)
    {
        var rows = Enumerable.Range(0, data.UserCount).Select(user => data.ItemsOf(user).ToArray()).ToArray();
        return (Shops.Of(20, Array.ConvertAll(rows, row => row[..^1])),
            Shops.Of(20, Array.ConvertAll(rows, row => row[^1..])));
    }
}
