using Ecom.Algorithms.Recommendation;

namespace Ecom.UnitTests.Algorithms.Recommendation;

public sealed class PopularityTests
{
    [Fact]
    public void Items_rank_by_their_total_weight_and_ties_by_index()
    {
        var model = Popularity.Fit(Shops.Of(4, [2, 1], [2, 0], [2]), Shops.Ids(4));

        Assert.Equal(
            [new RecommendedItem(2, 3, -1), new RecommendedItem(0, 1, -1), new RecommendedItem(1, 1, -1)],
            model.Recommend(Shops.History(), 10, []));
    }

    [Fact]
    public void With_a_half_life_of_a_week_two_old_sales_equal_one_of_today()
    {
        var model = Popularity.FitDecayed([0, 0, 1, 1], [7, 7, 0, 14], halfLifeDays: 7, Shops.Ids(2));

        var list = model.Recommend(Shops.History(), 2, []);

        Assert.Equal(new RecommendedItem(1, 1.25f, -1), list[0]);
        Assert.Equal(new RecommendedItem(0, 1f, -1), list[1]);
    }

    [Fact]
    public void A_half_life_of_nothing_and_events_of_the_future_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Popularity.FitDecayed([0], [0], 0, Shops.Ids(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Popularity.FitDecayed([0], [-1], 7, Shops.Ids(1)));
        Assert.Throws<ArgumentException>(() => Popularity.Fit(Shops.Of(2, [1]), Shops.Ids(1)));
    }
}
