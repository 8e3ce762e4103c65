using Ecom.Algorithms.Recommendation;

namespace Ecom.UnitTests.Algorithms.Recommendation;

public sealed class LinearAutoencoderTests
{
    [Fact]
    public void Two_items_have_the_weights_of_the_closed_form()
    {
        // Item 0: users 0, 1. Item 1: users 0, 2, 3. XᵀX = [2 1; 1 3], λ 1: A = [3 1; 1 4], P = [4 -1; -1 3] / 11,
        // B(0, 1) = -P(0, 1) / P(1, 1) = 1/3, B(1, 0) = 1/4.
        var data = Shops.Of(2, [0, 1], [0], [1], [1]);
        var model = LinearAutoencoder.Fit(
            data, Shops.Ids(2), new LinearAutoencoderOptions { Regularisation = 1, Threads = 1 });
        var scores = new float[2];

        model.Score(Shops.History(0), scores);
        Assert.Equal(0, scores[0], 1e-6);
        Assert.Equal(1.0 / 3, scores[1], 1e-6);

        model.Score(Shops.History(1), scores);
        Assert.Equal(0.25, scores[0], 1e-6);
        Assert.Equal(0, scores[1], 1e-6);
    }

    [Fact]
    public void Dropout_regularises_items_by_their_entries()
    {
        // The diagonal becomes 2 · 1.5 + 1 = 4 and 3 · 1.5 + 1 = 5.5: B(0, 1) = 1 / 4.
        var data = Shops.Of(2, [0, 1], [0], [1], [1]);
        var options = new LinearAutoencoderOptions { Regularisation = 1, Dropout = 0.5f, Threads = 1 };
        var scores = new float[2];

        LinearAutoencoder.Fit(data, Shops.Ids(2), options).Score(Shops.History(0), scores);

        Assert.Equal(0.25, scores[1], 1e-6);
    }
}
