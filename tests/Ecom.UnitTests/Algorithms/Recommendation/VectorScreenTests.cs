using System.Numerics.Tensors;
using Ecom.Algorithms.Recommendation;

namespace Ecom.UnitTests.Algorithms.Recommendation;

public sealed class VectorScreenTests
{
    [Theory]
    [InlineData(1, 16, 1)]
    [InlineData(31, 16, 5)]
    [InlineData(333, 64, 20)]
    [InlineData(2_000, 64, 100)]
    [InlineData(700, 512, 50)]
    public void The_list_is_that_of_all_products_bit_for_bit(int items, int length, int count)
    {
        var random = new Random(items);
        for (var turn = 0; turn < 40; turn++)
        {
            // Whole numbers: sums are exact in any order. Many vectors are alike, so that bounds lie close together.
            var direction = Vector(random, length, 20);
            var vectors = Enumerable.Range(0, items).SelectMany(_ => Near(direction)).ToArray();
            var visitor = Vector(random, length, 50);
            int[] exclude = [.. Enumerable.Range(0, items / 8).Select(_ => random.Next(items))];

            var best = new VectorScreen(vectors, length).Best(visitor, count, exclude);

            Assert.Equal(ByAllProducts(vectors, visitor, count, exclude), best);
        }

        float[] Near(float[] direction)
        {
            var scale = 1 << random.Next(4);
            return [.. direction.Zip(Vector(random, length, 1), (a, b) => (a + b) * scale)];
        }
    }

    [Fact]
    public void Zero_vectors_have_no_items_and_are_nobodys()
    {
        var vectors = new float[64 * 40];
        vectors[(64 * 7) + 3] = 2;
        var screen = new VectorScreen(vectors, 64);
        var visitor = new float[64];

        Assert.Empty(screen.Best(visitor, 10, []));
        visitor[3] = 1.5f;
        Assert.Equal([new ScoredItem(7, 3)], screen.Best(visitor, 10, []));
        Assert.Empty(screen.Best(visitor, 0, []));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public void A_fitted_model_gives_the_same_list_by_either_way(int count)
    {
        var data = Shops.TwoTastes(seed: 3);
        IRecommender model = AlternatingLeastSquares.Fit(
            data, Shops.Ids(data.ItemCount), new AlternatingLeastSquaresOptions { Factors = 20, Threads = 1 });
        for (var user = 0; user < data.UserCount; user++)
        {
            Assert.Equal(
                TopItems.Of(model, data.ItemsOf(user), count, data.ItemsOf(user)),
                model.Best(data.ItemsOf(user), count, data.ItemsOf(user)));
        }

        Assert.Empty(model.Best(History.Empty, count, []));
    }

    private static float[] Vector(Random random, int length, int most) =>
        [.. Enumerable.Range(0, length).Select(_ => (float)random.Next(-most, most + 1))];

    private static ScoredItem[] ByAllProducts(float[] vectors, float[] visitor, int count, int[] exclude) =>
        TopItems.Select(
            [.. vectors.Chunk(visitor.Length).Select(vector => TensorPrimitives.Dot<float>(vector, visitor))],
            count, floor: 0, exclude);
}
