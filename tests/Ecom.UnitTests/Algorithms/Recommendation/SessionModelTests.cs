using Ecom.Algorithms.Recommendation;

namespace Ecom.UnitTests.Algorithms.Recommendation;

public sealed class SessionModelTests
{
    private const float Never = float.PositiveInfinity;

    [Fact]
    public void Session_neighbours_add_the_cosines_of_the_sessions_that_share_an_item()
    {
        // Of [0, 1], [0, 2, 1], [3] the first two share item 0: 1/√2 and 1/√3.
        var model = SessionNeighbours.Fit(
            Sessions.Create(4, [[0, 1], [0, 2, 1], [3]]),
            Shops.Ids(4),
            new SessionNeighboursOptions
            {
                HistoryDecay = Never,
                SpreadDecay = Never,
                MatchRarity = 0,
                ItemRarity = 0,
            });
        var scores = new float[4];

        model.Score(Shops.History(0), scores);

        Assert.Equal((1 / Math.Sqrt(2)) + (1 / Math.Sqrt(3)), scores[1], 1e-5);
        Assert.Equal(1 / Math.Sqrt(3), scores[2], 1e-5);
        Assert.Equal(0, scores[3]);
    }

    [Fact]
    public void Of_too_many_sessions_only_the_newest_count()
    {
        var model = SessionNeighbours.Fit(
            Sessions.Create(3, [[0, 1], [0, 2]]), Shops.Ids(3), new SessionNeighboursOptions { SampleSize = 1 });

        Assert.Equal([2], model.Recommend(Shops.History(0), 5, exclude: [0]).Select(item => item.Item));
    }

    [Fact]
    public void The_parts_of_the_history_add_up_to_the_score()
    {
        var sessions = Shops.Sessions(Shops.TwoTastes(7));
        IRecommender[] models =
        [
            SessionNeighbours.Fit(sessions, Shops.Ids(20), new SessionNeighboursOptions { Neighbours = 20 }),
            SequentialRules.Fit(sessions, Shops.Ids(20), new SequentialRulesOptions { HistoryDecay = 2 }),
            CoPurchase.Fit(sessions.ToInteractions(), Shops.Ids(20), new CoPurchaseOptions()),
        ];

        Assert.All(models, model =>
        {
            var (scores, parts) = (new float[20], new float[3]);
            model.Score(Shops.History(2, 5, 3), scores);
            for (var item = 0; item < 20; item++)
            {
                model.Contributions(Shops.History(2, 5, 3), item, parts);
                Assert.Equal(scores[item], parts.Sum(), 1e-3 * (1 + scores[item]));
            }
        });
    }

    [Fact]
    public void Sequential_rules_count_what_follows_by_one_over_the_distance()
    {
        // After 0: item 1 at distance 1, item 2 at distances 2 and 1; both over the two sessions with 0.
        var model = SequentialRules.Fit(
            Sessions.Create(3, [[0, 1, 2], [0, 2]]), Shops.Ids(3), new SequentialRulesOptions());
        var scores = new float[3];

        model.Score(Shops.History(0), scores);

        Assert.Equal([0, 0.5f, 0.75f], scores);
    }

    [Fact]
    public void A_planted_order_is_found_by_rules_and_not_by_counts_without_order()
    {
        // Always 0 → 1 → 2 … → 9 and round again, starting anywhere: only order tells the next item.
        var sessions = Sessions.Create(
            10,
            [.. Enumerable.Range(0, 50).Select(start => Enumerable.Range(start, 6).Select(at => at % 10).ToArray())]);
        var rules = SequentialRules.Fit(sessions, Shops.Ids(10), new SequentialRulesOptions());
        var counts = CoPurchase.Fit(sessions.ToInteractions(), Shops.Ids(10), new CoPurchaseOptions());

        for (var at = 0; at < 10; at++)
        {
            var history = Shops.History((at + 8) % 10, (at + 9) % 10);
            Assert.Equal(at, rules.Recommend(history, 1, exclude: history)[0].Item);
        }

        // The item before and the item after are taken together equally often.
        Assert.Equal(counts.Evidence(5, 4)!.Value.Together, counts.Evidence(5, 6)!.Value.Together);
    }

    [Fact]
    public void Bought_together_comes_with_its_counts()
    {
        var model = CoPurchase.Fit(
            Shops.Of(4, [0, 1], [0, 1, 2], [0, 1], [0, 2], [2, 3], [3]), Shops.Ids(4), new CoPurchaseOptions());

        var pair = model.Evidence(0, 1)!.Value;

        Assert.Equal(new PairEvidence(3, 4, 3, 6), pair);
        Assert.Equal(new CoPurchasePartner(1, model.PartnersOf(0)[0].Score, pair), model.PartnersOf(0)[0]);
        Assert.Equal(0.75, pair.Confidence);
        Assert.Equal(1.5, pair.Lift);
        Assert.Null(model.Evidence(0, 3));
        // 0 and 2 are together twice of 6 with 4 and 3: exactly chance, so no partners.
        Assert.Null(model.Evidence(0, 2));
    }

    [Fact]
    public void The_log_likelihood_ratio_is_that_of_the_textbook()
    {
        // Cells 10, 0, 0, 10: 2 · 20 ln 2. Independent cells: 0.
        Assert.Equal(40 * Math.Log(2), new PairEvidence(10, 10, 10, 20).LogLikelihoodRatio, 1e-9);
        Assert.Equal(0, new PairEvidence(5, 10, 10, 20).LogLikelihoodRatio, 1e-9);
    }

    [Fact]
    public void An_unknown_item_in_a_session_is_refused_with_the_session()
    {
        var refused = Assert.Throws<ArgumentException>(() => Sessions.Create(2, [[0], [2]]));

        Assert.Contains("Session 1", refused.Message, StringComparison.Ordinal);
    }
}
