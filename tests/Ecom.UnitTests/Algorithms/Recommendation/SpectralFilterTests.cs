using Ecom.Algorithms.Recommendation;

namespace Ecom.UnitTests.Algorithms.Recommendation;

public sealed class SpectralFilterTests
{
    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(2, 0)]
    [InlineData(2, 0.5)]
    public void With_all_directions_the_score_is_that_of_the_normalised_graph(float power, float exponent)
    {
        // User sums 2, 2, 1; item sums 2, 2, 1.
        var data = Shops.Of(3, [0, 1], [1, 2], [0]);
        var model = SpectralFilter.Fit(data, Shops.Ids(3), new SpectralFilterOptions
        {
            Rank = 3,
            Power = power,
            DegreeExponent = exponent,
            Threads = 1,
        });
        var scores = new float[3];

        model.Score(Shops.History(0), scores);

        // All directions alike give the history back; the square gives X̃ᵀX̃, whose first row follows by hand.
        double[] graph = power == 0 ? [1, 0, 0] : [(0.5 * 0.5) + 0.5, 0.5 * 0.5, 0];
        double[] sums = [2, 2, 1];
        for (var item = 0; item < 3; item++)
        {
            Assert.Equal(graph[item] * Math.Pow(sums[item] / sums[0], exponent), scores[item], 1e-4);
        }
    }

    [Fact]
    public void Parts_add_up_to_the_score_and_many_users_get_what_each_gets_alone()
    {
        var data = Shops.TwoTastes(1);
        var model = SpectralFilter.Fit(
            data, Shops.Ids(20), new SpectralFilterOptions { Rank = 4, Power = 2, Threads = 1 });
        var (alone, together, parts) = (new float[20], new float[40], new float[3]);

        model.Score(Shops.History(3, 5, 12), alone);
        model.Contributions(Shops.History(3, 5, 12), 7, parts);
        Assert.Equal(alone[7], parts.Sum(), 1e-5);

        model.ScoreMany(HistorySet.Of(data), [9, 2], together);
        model.Score(History.Of(data, 2), alone);
        Assert.All(alone.Zip(together[20..]), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }
}
