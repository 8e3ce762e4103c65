using Ecom.Algorithms.Recommendation;

namespace Ecom.UnitTests.Algorithms.Recommendation;

public sealed class AutoencoderRecommenderTests
{
    [Fact]
    public void A_tiny_net_scores_as_worked_out_by_hand()
    {
        // One hidden layer of two, a latent vector of one, two items; the norm leaves ±1 · c of two values.
        var model = new AutoencoderRecommender(["a", "b"], new AutoencoderWeights
        {
            Inputs = [1, 0, 0, 2],
            InputBias = [0, 0],
            Deeper = [],
            NormScales = [[1, 1]],
            NormShifts = [[0, 0]],
            NormEpsilon = 0.1f,
            Mean = new DenseLayer([1, 0], [0.5f]),
            Decoder = new DenseLayer([1, -1], [0, 0]),
        });
        var scores = new float[2];

        model.Score(Shops.History(0), scores);

        // swish(1) = 0.731059, swish(0) = 0; centred ±0.365529, variance 0.133612; first of the norm 0.756254.
        var latent = (0.3655293 / Math.Sqrt(0.1336117 + 0.1)) + 0.5;
        var sum = (Math.Exp(latent) + Math.Exp(-latent)) / 2;
        Assert.Equal(latent - Math.Log(sum), scores[0], 1e-5);
        Assert.Equal(-latent - Math.Log(sum), scores[1], 1e-5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Contributions_add_up_to_what_the_history_adds_to_the_score_before_it_is_compared(int layers)
    {
        var model = Random(items: 9, hidden: 6, latent: 3, layers);
        var history = History.Of([7, 2, 4], [1, 2, 0.5f]);
        var (five, six) = (new float[3], new float[3]);
        model.Contributions(history, 5, five);
        model.Contributions(history, 6, six);

        // All scores share one constant, so differences of two items tell; nothing at all is nearly nobody's history.
        var (with, without) = (new float[9], new float[9]);
        model.Score(history, with);
        Silent(layers).Score(history, without);

        var difference = (with[5] - with[6]) - (without[5] - without[6]);
        Assert.Equal(difference, five.Sum() - six.Sum(), 0.03 * Math.Max(1, Math.Abs(difference)));
        Assert.True(Math.Abs(difference) > 0.1);
    }

    [Fact]
    public void A_stranger_without_history_gets_zeros_and_an_unknown_item_is_refused()
    {
        var model = Random(items: 9, hidden: 6, latent: 3, layers: 1);
        var scores = new float[9];

        model.Score(Shops.History(), scores);

        Assert.All(scores, score => Assert.Equal(0, score));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Score(Shops.History(9), scores));
    }

    [Fact]
    public void What_is_written_reads_back_and_a_cut_one_is_refused()
    {
        var model = Random(items: 9, hidden: 6, latent: 3, layers: 2);
        using var stream = new MemoryStream();
        model.Write(stream);

        var back = RecommenderFormat.Read(new MemoryStream(stream.ToArray()));

        Assert.Equal("vae", back.Kind);
        Assert.Equal(
            model.Recommend(Shops.History(4, 1), 9, []), back.Recommend(Shops.History(1, 4), 9, []));
        Assert.Throws<InvalidDataException>(() => RecommenderFormat.Read(new MemoryStream(stream.ToArray()[..^1])));
    }

    [Fact]
    public void Layers_that_do_not_fit_are_refused()
    {
        var weights = Weights(new Random(1), items: 9, hidden: 6, latent: 3, layers: 1);
        Assert.Throws<ArgumentException>(() => new AutoencoderRecommender(Shops.Ids(8), weights));
    }

    private static AutoencoderRecommender Random(int items, int hidden, int latent, int layers) =>
        new(Shops.Ids(items), Weights(new Random(1), items, hidden, latent, layers));

    // The same net, deaf to any history.
    private static AutoencoderRecommender Silent(int layers)
    {
        var weights = Weights(new Random(1), items: 9, hidden: 6, latent: 3, layers);
        return new(Shops.Ids(9), weights with { Inputs = new float[weights.Inputs.Length] });
    }

    private static AutoencoderWeights Weights(Random random, int items, int hidden, int latent, int layers)
    {
        return new AutoencoderWeights
        {
            Inputs = Some(items * hidden),
            InputBias = Some(hidden),
            Deeper =
            [
                .. Enumerable.Range(1, layers - 1).Select(_ => new DenseLayer(Some(hidden * hidden), Some(hidden))),
            ],
            NormScales = [.. Enumerable.Range(0, layers).Select(_ => Some(hidden))],
            NormShifts = [.. Enumerable.Range(0, layers).Select(_ => Some(hidden))],
            NormEpsilon = 0.1f,
            Mean = new DenseLayer(Some(latent * hidden), Some(latent)),
            Decoder = new DenseLayer(Some(items * latent), Some(items)),
        };

        float[] Some(int count) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
    }
}
