using Ecom.Algorithms.Recommendation;

namespace Ecom.UnitTests.Algorithms.Recommendation;

public sealed class NeuralFactorsTests
{
    // One factor: vectors of two, a first layer of two, a second of one.
    private static readonly NeuralFactorsWeights _tiny = new()
    {
        Factors = 1,
        History = [2, 1, 4, -1],
        Items = [3, 0.5f, -1, 2],
        First = new DenseLayer([1, 1, -1, 1], [0, 0.5f]),
        Second = new DenseLayer([1, 2], [0.25f]),
        Output = new DenseLayer([0.5f, 2], [-1]),
        Shift = 0.75f,
    };

    [Fact]
    public void A_tiny_net_scores_as_worked_out_by_hand()
    {
        var scores = new float[2];

        new NeuralFactors(["a", "b"], _tiny).Score(Shops.History(0), scores);

        // User (2, 1). a: 0.5·2·3 = 3; first (1.5, 0), second 1.75, 3.5; 3 + 3.5 − 1 + 0.75.
        Assert.Equal(6.25, scores[0], 1e-5);
        // b: 0.5·2·−1 = −1; first (3, 1.5), second 6.25, 12.5; −1 + 12.5 − 1 + 0.75.
        Assert.Equal(11.25, scores[1], 1e-5);
    }

    [Fact]
    public void Contributions_are_the_slope_of_the_score_times_the_weight()
    {
        var model = new NeuralFactors(["a", "b"], _tiny);
        var contributions = new float[1];

        model.Contributions(Shops.History(0), 1, contributions);

        // By the user's vector: −0.5 and 2 · (1·1 + 2·−1) = −2; times (2, 1).
        Assert.Equal(-3, contributions[0], 1e-5);
    }

    [Fact]
    public void A_stranger_without_history_gets_zeros_and_an_unknown_item_is_refused()
    {
        var model = new NeuralFactors(["a", "b"], _tiny);
        var scores = new float[] { 1, 1 };

        model.Score(Shops.History(), scores);

        Assert.All(scores, score => Assert.Equal(0, score));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Score(Shops.History(2), scores));
    }

    [Fact]
    public void What_is_written_reads_back_and_a_cut_one_is_refused()
    {
        var model = new NeuralFactors(["a", "b"], _tiny);
        using var stream = new MemoryStream();
        model.Write(stream);

        var back = RecommenderFormat.Read(new MemoryStream(stream.ToArray()));

        Assert.Equal("ncf", back.Kind);
        Assert.Equal(model.Recommend(Shops.History(0, 1), 2, []), back.Recommend(Shops.History(1, 0), 2, []));
        Assert.Throws<InvalidDataException>(() => RecommenderFormat.Read(new MemoryStream(stream.ToArray()[..^1])));
    }

    [Fact]
    public void Layers_that_do_not_fit_are_refused() =>
        Assert.Throws<ArgumentException>(() => new NeuralFactors(["a"], _tiny));
}
