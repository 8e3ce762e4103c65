using CsCheck;
using Ecom.Algorithms.Recommendation;

namespace Ecom.UnitTests.Algorithms.Recommendation;

public sealed class InteractionsTests
{
    [Fact]
    public void Rows_are_sorted_and_repeated_entries_added_up()
    {
        var matrix = Interactions.Create(3, 4, [2, 0, 2, 2], [3, 1, 0, 3], [1, 2, 5, 4]);

        Assert.Equal([0, 1, 1, 3], matrix.Starts);
        Assert.Equal([1], matrix.ItemsOf(0).ToArray());
        Assert.Empty(matrix.ItemsOf(1).ToArray());
        Assert.Equal([0, 3], matrix.ItemsOf(2).ToArray());
        Assert.Equal([5f, 5f], matrix.WeightsOf(2).ToArray());
    }

    [Fact]
    public void Entries_of_weight_zero_are_dropped() =>
        Assert.Equal(1, Interactions.Create(1, 2, [0, 0], [0, 1], [0, 1]).Count);

    [Fact]
    public void A_matrix_equals_a_dense_one_and_its_transpose_turned_back() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 5], Gen.Int[0, 9]).List[0, 40].Sample(entries =>
        {
            var matrix = Interactions.Create(
                5,
                6,
                [.. entries.Select(entry => entry.Item1)],
                [.. entries.Select(entry => entry.Item2)],
                [.. entries.Select(entry => (float)entry.Item3)]);

            var dense = new float[5, 6];
            entries.ForEach(entry => dense[entry.Item1, entry.Item2] += entry.Item3);
            Assert.Equal(dense.Cast<float>().Sum(), matrix.Weights.Sum());
            for (var user = 0; user < 5; user++)
            {
                foreach (var (at, item) in matrix.ItemsOf(user).ToArray().Index())
                {
                    Assert.Equal(dense[user, item], matrix.WeightsOf(user)[at]);
                }
            }

            var back = matrix.Transpose().Transpose();
            Assert.Equal(matrix.Starts, back.Starts);
            Assert.Equal(matrix.Items, back.Items);
            Assert.Equal(matrix.Weights, back.Weights);
        });

    [Fact]
    public void Entries_outside_the_matrix_or_with_bad_weights_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Interactions.Create(1, 1, [1], [0]));
        Assert.Throws<ArgumentException>(() => Interactions.Create(1, 1, [0], [-1]));
        Assert.Throws<ArgumentException>(() => Interactions.Create(1, 1, [0], [0], [-1]));
        Assert.Throws<ArgumentException>(() => Interactions.Create(1, 1, [0], [0], [float.NaN]));
        Assert.Throws<ArgumentException>(() => Interactions.Create(1, 1, [0, 0], [0]));
    }

    [Fact]
    public void Ids_keep_their_index_and_unknown_ones_have_none()
    {
        var index = IdIndex.Of(["85123A", "b"]);

        Assert.Equal(2, index.Add("c"));
        Assert.Equal(0, index.Add("85123A"));
        Assert.Equal(-1, index.Find("85123a"));
        Assert.Equal([2, 1], index.FindAll(["c", "?", "b"]));
    }
}
