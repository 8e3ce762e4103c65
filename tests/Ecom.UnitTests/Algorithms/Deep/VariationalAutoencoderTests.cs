using Ecom.Algorithms.Deep;
using Ecom.Algorithms.Recommendation;
using Ecom.UnitTests.Algorithms.Recommendation;

namespace Ecom.UnitTests.Algorithms.Deep;

// One after the other: libtorch's random numbers belong to the process.
[Collection("libtorch")]
public sealed class VariationalAutoencoderTests
{
    private static readonly VariationalAutoencoderOptions _small = new()
    {
        Hidden = 16,
        Latent = 4,
        Dropout = 0.3,
        BatchSize = 20,
        Epochs = 12,
        LearningRate = 0.01,
    };

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Planted_tastes_are_found_from_one_item_of_a_stranger(int layers)
    {
        var model = Fit(_small with { HiddenLayers = layers });

        var list = model.Recommend(Shops.History(12), 8, exclude: [12]);

        Assert.All(list, item => Assert.InRange(item.Item, 10, 19));
        Assert.All(list, item => Assert.Equal(12, item.Because));
    }

    [Fact]
    public void Items_of_one_taste_are_similar() =>
        Assert.All(Fit(_small).SimilarItems(3, 5), other => Assert.InRange(other.Item, 0, 9));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Our_scores_are_those_of_libtorch(int layers)
    {
        var options = _small with { HiddenLayers = layers, Epochs = 3 };
        var data = Shops.TwoTastes(1);
        TorchRuntime.Load();
        using var network = new AutoencoderNetwork(data, options);
        network.RunEpoch(default);
        var theirs = network.ScoresOf([0, 1, 2]);
        var model = network.Export(Shops.Ids(20));
        var ours = new float[20];
        for (var user = 0; user < 3; user++)
        {
            model.Score(History.Of(data, user), ours);
            var logits = theirs.AsSpan(user * 20, 20);
            for (var item = 1; item < 20; item++)
            {
                // Ours are relative to the mean likelihood of an item: a constant a user.
                Assert.Equal(logits[item] - logits[0], ours[item] - ours[0], 1e-4);
            }
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_model_and_another_one_does_not()
    {
        Assert.Equal(Bytes(Fit(_small)), Bytes(Fit(_small)));
        Assert.NotEqual(Bytes(Fit(_small)), Bytes(Fit(_small with { Seed = 2 })));
    }

    [Fact]
    public void It_stops_when_the_hidden_items_are_no_longer_ranked_better()
    {
        var stages = new List<string>();
        var options = _small with { Epochs = 500, Patience = 2 };
        VariationalAutoencoder.Fit(
            Shops.TwoTastes(1), Shops.Ids(20), options, (_, stage) => stages.Add(stage));

        Assert.Contains(stages, stage => stage.Contains("validation ndcg@20", StringComparison.Ordinal));
        Assert.InRange(stages.Count, 3, 200);
    }

    [Fact]
    public void It_is_cancelled_between_two_steps()
    {
        using var cancellation = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => VariationalAutoencoder.Fit(
            Shops.TwoTastes(1), Shops.Ids(20), _small, (_, _) => cancellation.Cancel(), cancellation.Token));
    }

    [Fact]
    public void Its_cost_grows_with_the_data_and_is_in_proportion()
    {
        var one = VariationalAutoencoder.Predict(1_000, 1_000, new VariationalAutoencoderOptions());
        var two = VariationalAutoencoder.Predict(2_000, 1_000, new VariationalAutoencoderOptions());

        Assert.Equal(2, two.Operations / one.Operations, 1e-9);
        Assert.InRange(one.Bytes, 280_000_000, 330_000_000);
        Assert.Equal(2 * one.TimeAt(1e9).TotalSeconds, two.TimeAt(1e9).TotalSeconds, 1e-3);
    }

    [Fact]
    public void Settings_out_of_range_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Fit(_small with { Dropout = 1 }));

    private static AutoencoderRecommender Fit(VariationalAutoencoderOptions options) =>
        VariationalAutoencoder.Fit(Shops.TwoTastes(1), Shops.Ids(20), options);

    private static byte[] Bytes(AutoencoderRecommender model)
    {
        using var stream = new MemoryStream();
        model.Write(stream);
        return stream.ToArray();
    }
}
