using System.Runtime.InteropServices;
using Ecom.Algorithms.Classification;

namespace Ecom.UnitTests.Algorithms.Classification;

public sealed class GradientBoostingTests
{
    private const int Features = 3;
    private static readonly GradientBoostingOptions _options = new() { Trees = 40, Rows = 0.8, Columns = 0.7 };
    private static readonly (float[] Rows, bool[] Labels) _planted = Planted(4_000);
    private static readonly TreeEnsemble _model = Fit(_options);

    [Fact]
    public void A_planted_interaction_is_found()
    {
        Assert.True(_model.Margin([0.9f, 0.9f, 0.5f]) > 2);
        Assert.True(_model.Margin([0.1f, 0.1f, 0.5f]) > 2);
        Assert.True(_model.Margin([0.9f, 0.1f, 0.5f]) < -2);
        Assert.True(_model.Margin([0.1f, 0.9f, 0.5f]) < -2);
        Assert.True(_model.Margin([float.NaN, 0.9f, 0.5f]) > 2);
    }

    [Fact]
    public void One_step_is_the_optimum_worked_out_by_hand()
    {
        // Half are positive: p = ½, each slope ±½, each bend ¼. A leaf of two positives: 2 · ½ / (2 · ¼ + 1).
        var model = GradientBoosting.Fit(
            (float[])[1, 2, 3, 4], 1, [false, false, true, true],
            new GradientBoostingOptions { Trees = 1, LearningRate = 1, LeastWeight = 0.5 });

        Assert.Equal(1 / 1.5, model.Margin([3.5f]), 6);
        Assert.Equal(-1 / 1.5, model.Margin([2]), 6);
        Assert.Equal(1 / 1.5, model.Margin([2.01f]), 6);
        Assert.Equal(0, model.BaseMargin, 6);
    }

    [Fact]
    public void Threads_change_no_bit_and_the_seed_does()
    {
        Assert.Equal(Bytes(_model), Bytes(Fit(_options with { Threads = 4 })));
        Assert.NotEqual(Bytes(_model), Bytes(Fit(_options with { Seed = 2 })));
    }

    [Fact]
    public void The_limits_of_a_tree_are_kept()
    {
        // One split a tree cannot tell an interaction.
        var stumps = Fit(_options with { Leaves = 2 });
        var shallow = Fit(_options with { Depth = 1 });

        Assert.InRange(stumps.Margin([0.9f, 0.9f, 0.5f]), -1, 1);
        Assert.Equal(Bytes(stumps), Bytes(shallow));
    }

    [Fact]
    public void Reasons_add_up_to_the_margin_which_is_the_same_bits_as_without_them()
    {
        var contributions = new double[Features];
        foreach (var row in _planted.Rows.Chunk(Features).Take(500))
        {
            var margin = _model.Explain(row, contributions);

            Assert.Equal(
                BitConverter.DoubleToInt64Bits(_model.Margin(row)), BitConverter.DoubleToInt64Bits(margin));
            Assert.Equal(margin, _model.BaseMargin + contributions.Sum(), 9);
        }
    }

    [Fact]
    public void Only_features_that_were_asked_for_have_reasons()
    {
        var contributions = new double[2];
        var model = new TreeEnsemble(2, 0.5,
        [
            [
                new TreeNode(1, 10, false, 1, 0.1),
                new TreeNode(-1, 0, false, 0, -1),
                new TreeNode(1, 20, true, 3, 0.4),
                new TreeNode(-1, 0, false, 0, 0.2),
                new TreeNode(-1, 0, false, 0, 2),
            ],
        ]);

        Assert.Equal(2.5, model.Explain([99, 25], contributions));
        Assert.Equal(0, contributions[0]);
        Assert.Equal(1.9, contributions[1], 12);
        Assert.Equal(0.6, model.BaseMargin);
        Assert.Equal(-0.5, model.Margin([99, 10]));
        Assert.Equal(0.7, model.Margin([99, float.NaN]));
    }

    [Fact]
    public void Written_and_read_again_the_trees_are_the_same()
    {
        using var stream = new MemoryStream(Bytes(_model));
        using var reader = new BinaryReader(stream);
        var read = TreeEnsemble.Read(reader);

        Assert.Equal(Bytes(_model), Bytes(read));
        Assert.All(
            _planted.Rows.Chunk(Features).Take(100), row => Assert.Equal(_model.Margin(row), read.Margin(row)));
    }

    [Fact]
    public void Trees_that_lead_nowhere_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new TreeEnsemble(1, 0, [[new TreeNode(0, 1, false, 1, 0)]]));
        Assert.Throws<ArgumentException>(() => new TreeEnsemble(1, 0, [[new TreeNode(0, 1, false, 0, 0)]]));
        var bytes = Bytes(_model);
        bytes[60] ^= 0xff;
        MemoryMarshal.Write(bytes.AsSpan(12), -5);
        using var reader = new BinaryReader(new MemoryStream(bytes));
        Assert.Throws<InvalidDataException>(() => TreeEnsemble.Read(reader));
    }

    [Fact]
    public void One_class_alone_is_refused() => Assert.Throws<ArgumentException>(
        () => GradientBoosting.Fit((float[])[1, 2], 1, [true, true], new GradientBoostingOptions()));

    private static TreeEnsemble Fit(GradientBoostingOptions options) =>
        GradientBoosting.Fit(_planted.Rows, Features, _planted.Labels, options);

    // Positive if both of the first two are great or both small; a missing first one counts as great.
    private static (float[] Rows, bool[] Labels) Planted(int count)
    {
        var random = new Random(5);
        var rows = new float[count * Features];
        var labels = new bool[count];
        for (var row = 0; row < count; row++)
        {
            var (first, second) = (random.NextSingle(), random.NextSingle());
            labels[row] = first > 0.5f == second > 0.5f;
            rows[row * Features] = first > 0.5f && random.Next(4) == 0 ? float.NaN : first;
            rows[(row * Features) + 1] = second;
            rows[(row * Features) + 2] = random.NextSingle();
        }

        return (rows, labels);
    }

    private static byte[] Bytes(TreeEnsemble trees)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        trees.Write(writer);
        return stream.ToArray();
    }
}
