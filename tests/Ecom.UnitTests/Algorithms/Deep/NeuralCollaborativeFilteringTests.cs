using Ecom.Algorithms.Deep;
using Ecom.Algorithms.Recommendation;
using Ecom.UnitTests.Algorithms.Recommendation;

namespace Ecom.UnitTests.Algorithms.Deep;

// One after the other: libtorch's random numbers belong to the process.
[Collection("libtorch")]
public sealed class NeuralCollaborativeFilteringTests
{
    private static readonly NeuralCollaborativeFilteringOptions _small = new()
    {
        Factors = 8,
        BatchSize = 10,
        Epochs = 20,
        Patience = 5,
        LearningRate = 0.01,
    };

    [Fact]
    public void Planted_tastes_are_found_for_a_stranger()
    {
        var model = Fit(_small);

        var list = model.Recommend(Shops.History(12, 15, 17), 6, exclude: [12, 15, 17]);

        Assert.NotEmpty(list);
        Assert.All(list, item => Assert.InRange(item.Item, 10, 19));
    }

    [Fact]
    public void Our_scores_are_those_of_libtorch()
    {
        var data = Shops.TwoTastes(1);
        TorchRuntime.Load();
        using var network = new NeuralFactorsNetwork(data, _small);
        network.RunEpoch(default);
        var theirs = network.ScoresOf([0, 1, 2]);
        var model = network.Export(Shops.Ids(20));
        var ours = new float[20];
        for (var user = 0; user < 3; user++)
        {
            model.Score(History.Of(data, user), ours);
            for (var item = 0; item < 20; item++)
            {
                // Ours are relative to an item drawn at random: log 4, for four of them to each true one.
                Assert.Equal(theirs[(user * 20) + item] + Math.Log(4), ours[item], 1e-4);
            }
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_model()
    {
        var options = _small with { Epochs = 2 };
        Assert.Equal(Bytes(Fit(options)), Bytes(Fit(options)));
        Assert.NotEqual(Bytes(Fit(options)), Bytes(Fit(options with { Seed = 2 })));
    }

    [Fact]
    public void It_is_cancelled_between_two_steps()
    {
        using var cancellation = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => NeuralCollaborativeFiltering.Fit(
            Shops.TwoTastes(1), Shops.Ids(20), _small, (_, _) => cancellation.Cancel(), cancellation.Token));
    }

    private static NeuralFactors Fit(NeuralCollaborativeFilteringOptions options) =>
        NeuralCollaborativeFiltering.Fit(Shops.TwoTastes(1), Shops.Ids(20), options);

    private static byte[] Bytes(NeuralFactors model)
    {
        using var stream = new MemoryStream();
        model.Write(stream);
        return stream.ToArray();
    }
}
