using Ecom.Algorithms.Recommendation;

namespace Ecom.UnitTests.Algorithms.Recommendation;

public sealed class SpectralFilterRankTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Data_of_less_rank_than_wanted_gives_numbers_and_finds_the_taste(int taken)
    {
        // A window that turns over ten items of each taste: some of its singular values are zero.
        var data = Shops.Of(20, [.. Enumerable.Range(0, 40).Select(user => Enumerable.Range(0, taken)
            .Select(at => (user % 2 * 10) + ((user + at) % 10)).ToArray())]);

        foreach (var rank in new[] { 6, 256 })
        {
            var model = SpectralFilter.Fit(data, Shops.Ids(20), new SpectralFilterOptions { Rank = rank });
            var scores = new float[20];
            model.Score(Shops.History(0, 1, 2), scores);

            Assert.All(scores, score => Assert.True(float.IsFinite(score)));
            Assert.True(scores[1] > 0);
            Assert.All(scores[10..], score => Assert.InRange(Math.Abs(score), 0, 1e-3));
        }
    }
}
