using Ecom.Algorithms.Classification;
using Ecom.Algorithms.Fraud;

namespace Ecom.UnitTests.Algorithms.Fraud;

public sealed class IsolationForestTests
{
    private const int Count = 2_000;
    private const int Anomalies = 20;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Planted_anomalies_stand_out(int seed)
    {
        var (rows, labels) = Planted(seed);
        var forest = IsolationForest.Fit(rows, 2, seed: seed);
        var scores = Array.ConvertAll(rows.Chunk(2).ToArray(), row => forest.Score(row));

        Assert.True(BinaryMetrics.Auc(scores, labels) > 0.99);
        Assert.True(scores.Where((_, at) => labels[at]).Average() > 0.6);
        Assert.True(scores.Where((_, at) => !labels[at]).Average() < 0.5);
    }

    [Fact]
    public void The_seed_decides_every_bit()
    {
        var (rows, _) = Planted(1);

        Assert.Equal(Score(1), Score(1));
        Assert.NotEqual(Score(1), Score(2));

        double Score(int seed) => IsolationForest.Fit(rows, 2, seed: seed).Score([1, 1]);
    }

    [Fact]
    public void A_missing_value_is_unlike_all_that_are_there()
    {
        var forest = IsolationForest.Fit(Planted(1).Rows, 2);

        Assert.True(forest.Score([float.NaN, float.NaN]) > forest.Score([10, 10]));
    }

    [Fact]
    public void Rows_that_are_all_alike_are_ordinary() =>
        Assert.Equal(0.5, IsolationForest.Fit(new float[200], 2).Score([0, 0]), 12);

    // Ordinary rows around (10, 10) with deviation 1; anomalies on a circle of 6 around them.
    private static (float[] Rows, bool[] Labels) Planted(int seed)
    {
        var random = new Random(seed);
        var (rows, labels) = (new float[2 * Count], new bool[Count]);
        for (var row = 0; row < Count; row++)
        {
            labels[row] = row < Anomalies;
            var angle = 2 * Math.PI * random.NextDouble();
            var away = labels[row] ? 6 : Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            rows[2 * row] = (float)(10 + (away * Math.Cos(angle)));
            rows[(2 * row) + 1] = (float)(10 + (away * Math.Sin(angle)));
        }

        return (rows, labels);
    }
}
