using Ecom.Algorithms.Recommendation;
using Ecom.Algorithms.Recommendation.Tuning;

namespace Ecom.UnitTests.Algorithms.Recommendation;

public sealed class BehaviourModelTests
{
    // Who looked at item 0 bought item 1, who bought item 0 bought item 2: columns 0 to 2 purchases, 3 to 5 views.
    private static readonly TrainingSet _shop = TrainingSet.Of(
        Shops.Of(6, [3, 1], [3, 1], [3, 1], [0, 2], [0, 2], [0, 2]), Shops.Ids(3)) with
    {
        Kinds = ["buy", "view"],
    };

    [Fact]
    public void Kinds_apart_tell_what_a_view_foretells_from_what_a_purchase_does()
    {
        var model = Fit(("apart", 1));

        Assert.Equal([1], Best(model, Shops.History(3)));
        Assert.Equal([2], Best(model, Shops.History(0)));
    }

    [Fact]
    public void Kinds_together_do_not()
    {
        var model = Fit(("apart", 0));

        Assert.Equal([1, 2], Best(model, Shops.History(3)).Order());
        Assert.Equal(Best(model, Shops.History(0)), Best(model, Shops.History(3)));
    }

    [Fact]
    public void A_product_that_was_looked_at_can_be_what_is_recommended()
    {
        var data = TrainingSet.Of(Shops.Of(4, [0, 2], [0, 2], [1, 3], [1, 3]), Shops.Ids(2)) with
        {
            Kinds = ["buy", "view"],
        };
        var model = Recipe(("apart", 1)).Fit(data, threads: 1, seed: 1);

        Assert.Equal([0], Best(model, Shops.History(2)));
    }

    [Fact]
    public void A_kind_without_weight_is_not_read_unless_it_is_told_to()
    {
        Assert.Empty(Best(Fit(("weight:view", 0)), Shops.History(3)));
        Assert.Equal([2], Best(Fit(("weight:view", 0), ("reading:view", 0.5)), Shops.History(3)));
    }

    [Fact]
    public void Parts_add_up_to_the_score_and_kinds_of_an_item_share_by_weight()
    {
        var model = Fit(("apart", 0), ("weight:view", 0.5));
        var (scores, parts) = (new float[3], new float[2]);

        model.Score(Shops.History(0, 3), scores);
        model.Contributions(Shops.History(0, 3), 2, parts);

        Assert.True(scores[2] > 0);
        Assert.Equal(scores[2], parts.Sum(), 1e-5);
        Assert.Equal(parts[0] * 0.5, parts[1], 1e-5);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Many_users_get_what_each_gets_alone_and_it_reads_back(double apart)
    {
        var model = Fit(("apart", apart), ("weight:view", 0.5));
        using var stream = new MemoryStream();
        model.Write(stream);
        stream.Position = 0;
        var back = RecommenderFormat.Read(stream);
        var (together, alone) = (new float[2 * 3], new float[3]);

        back.ScoreMany(_shop.Histories, [4, 1], together);

        model.Score(_shop.Histories.Of(1), alone);
        Assert.Equal(alone, together[3..]);
        model.Score(_shop.Histories.Of(4), alone);
        Assert.Equal(alone, together[..3]);
    }

    [Fact]
    public void Weights_and_columns_are_checked()
    {
        var inner = Popularity.Fit(Shops.Of(3, [0, 1]), Shops.Ids(3));

        Assert.Throws<ArgumentException>(() => new BehaviourModel(inner, Shops.Ids(2), [1, 1]));
        Assert.Throws<ArgumentException>(() => new BehaviourModel(inner, Shops.Ids(3), [1, -1]));
        Assert.Throws<ArgumentException>(() => new BehaviourModel(inner, Shops.Ids(3), []));
    }

    private static IRecommender Fit(params (string Name, double Value)[] parameters) =>
        Recipe(parameters).Fit(_shop, threads: 1, seed: 1);

    private static Recipe Recipe(params (string Name, double Value)[] parameters) =>
        new("rp3beta", parameters.ToDictionary(one => one.Name, one => one.Value));

    private static int[] Best(IRecommender model, History history) =>
        [.. model.Recommend(history, 3, []).Select(one => one.Item)];
}
