using Ecom.Algorithms.Recommendation;

namespace Ecom.UnitTests.Algorithms.Recommendation;

public sealed class UserNeighboursTests
{
    [Fact]
    public void A_score_is_the_sum_of_the_likeness_of_those_who_have_the_item()
    {
        // Rarity ln (4 / holders): item 0 has two, 1 and 2 one each. The visitor has 0.
        var model = UserNeighbours.Fit(
            Shops.Of(3, [0, 1], [0, 2], []), Shops.Ids(3), new UserNeighboursOptions { Shrinkage = 0 });
        var scores = new float[3];

        model.Score(Shops.History(0), scores);

        var (common, rare) = (Math.Log(4 / 2.0), Math.Log(4 / 1.0));
        var cosine = common / Math.Sqrt((common * common) + (rare * rare));
        Assert.Equal(2 * cosine, scores[0], 1e-5);
        Assert.Equal(cosine, scores[1], 1e-5);
        Assert.Equal(cosine, scores[2], 1e-5);
    }

    [Fact]
    public void Only_the_nearest_users_speak()
    {
        var data = Shops.Of(4, [0, 1, 2], [0, 3]);
        var options = new UserNeighboursOptions { Neighbours = 1, Shrinkage = 0 };

        var list = UserNeighbours.Fit(data, Shops.Ids(4), options).Recommend(Shops.History(0, 1), 5, [0, 1]);

        Assert.Equal([2], list.Select(item => item.Item));
    }

    [Fact]
    public void The_parts_of_the_history_add_up_to_the_score()
    {
        var model = UserNeighbours.Fit(Shops.TwoTastes(1), Shops.Ids(20), new UserNeighboursOptions());
        var (scores, parts) = (new float[20], new float[3]);

        model.Score(Shops.History(1, 2, 11), scores);
        model.Contributions(Shops.History(1, 2, 11), 5, parts);

        Assert.Equal(scores[5], parts.Sum(), 1e-3);
    }
}
