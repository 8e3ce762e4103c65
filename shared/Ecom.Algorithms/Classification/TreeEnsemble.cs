using System.Runtime.InteropServices;

namespace Ecom.Algorithms.Classification;

/// <summary>Boosted trees in one flat array: score and reasons in the same walk, without any library.</summary>
/// <remarks>
/// The contribution of a feature is what the expected margin changes by at each split on it, along the path of the
/// row: A. Saabas, "Interpreting random forests", 2014. Base value and contributions sum up to the margin, but for
/// rounding. Cost: depth × trees. Immutable and thread-safe.
/// </remarks>
public sealed class TreeEnsemble : IMarginModel
{
    private readonly TreeNode[] _nodes;
    private readonly int[] _roots;
    private readonly double _start;

    /// <summary>Takes trees.</summary>
    /// <param name="features">How many values a row has.</param>
    /// <param name="start">Margin before any tree.</param>
    /// <param name="trees">The nodes of each tree, its root first; children are numbered within the tree.</param>
    /// <exception cref="ArgumentException">A node leads nowhere or backwards, or asks for a feature that is not
    /// there.</exception>
    public TreeEnsemble(int features, double start, IReadOnlyList<IReadOnlyList<TreeNode>> trees)
    {
        ArgumentNullException.ThrowIfNull(trees);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(features);
        (Features, _start) = (features, start);
        BaseMargin = start;
        _roots = new int[trees.Count];
        var nodes = new List<TreeNode>();
        foreach (var (tree, of) in trees.Index())
        {
            _roots[tree] = nodes.Count;
            BaseMargin += of[0].Value;
            foreach (var (at, node) in of.Index())
            {
                if (!double.IsFinite(node.Value) || (!node.IsLeaf
                    && (node.Feature >= features || node.Left <= at || node.Left + 1 >= of.Count)))
                {
                    throw new ArgumentException($"Node {at} of tree {tree} is not sound.", nameof(trees));
                }

                nodes.Add(node with { Left = node.IsLeaf ? 0 : node.Left + _roots[tree] });
            }
        }

        _nodes = [.. nodes];
    }

    /// <inheritdoc/>
    public int Features { get; }

    /// <summary>How many trees there are.</summary>
    public int Trees => _roots.Length;

    /// <summary>The expected margin of a row of which nothing is known.</summary>
    public double BaseMargin { get; }

    /// <inheritdoc/>
    public double Margin(ReadOnlySpan<float> row)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(row.Length, Features);
        var margin = _start;
        ReadOnlySpan<TreeNode> nodes = _nodes;
        foreach (var root in _roots)
        {
            ref readonly var node = ref nodes[root];
            while (!node.IsLeaf)
            {
                node = ref nodes[node.Next(row[node.Feature])];
            }

            margin += node.Value;
        }

        return margin;
    }

    /// <inheritdoc/>
    /// <remarks>An ordinary row is one of <see cref="BaseMargin"/>.</remarks>
    public double Explain(ReadOnlySpan<float> row, Span<double> contributions)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(row.Length, Features);
        ArgumentOutOfRangeException.ThrowIfNotEqual(contributions.Length, Features);
        contributions.Clear();
        var margin = _start;
        ReadOnlySpan<TreeNode> nodes = _nodes;
        foreach (var root in _roots)
        {
            ref readonly var node = ref nodes[root];
            while (!node.IsLeaf)
            {
                ref readonly var next = ref nodes[node.Next(row[node.Feature])];
                contributions[node.Feature] += next.Value - node.Value;
                node = ref next;
            }

            margin += node.Value;
        }

        return margin;
    }

    /// <summary>Writes the trees.</summary>
    public void Write(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(Features);
        writer.Write(_start);
        writer.Write(_roots.Length);
        writer.Write(_nodes.Length);
        foreach (var root in _roots)
        {
            writer.Write(root);
        }

        foreach (var node in _nodes)
        {
            writer.Write(node.Feature);
            writer.Write(node.Threshold);
            writer.Write(node.IsMissingLeft);
            writer.Write(node.Left);
            writer.Write(node.Value);
        }
    }

    /// <summary>Restores what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public static TreeEnsemble Read(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var (features, start) = (reader.ReadInt32(), reader.ReadDouble());
        var (treeCount, nodeCount) = (reader.ReadInt32(), reader.ReadInt32());
        if (features < 1 || treeCount is < 0 or > 1_000_000 || nodeCount < treeCount || nodeCount > 100_000_000)
        {
            throw new InvalidDataException("These are no trees.");
        }

        var roots = new int[treeCount];
        foreach (ref var root in roots.AsSpan())
        {
            root = reader.ReadInt32();
        }

        var trees = new List<TreeNode>[treeCount];
        for (var (at, tree) = (0, -1); at < nodeCount; at++)
        {
            if (tree + 1 < treeCount && at == roots[tree + 1])
            {
                trees[++tree] = [];
            }

            var node = new TreeNode(
                reader.ReadInt32(), reader.ReadSingle(), reader.ReadBoolean(), reader.ReadInt32(), reader.ReadDouble());
            (tree >= 0 ? trees[tree] : throw new InvalidDataException("A node belongs to no tree."))
                .Add(node with { Left = node.IsLeaf ? 0 : node.Left - roots[tree] });
        }

        try
        {
            return trees.Contains(null!) ? throw new InvalidDataException("A tree is empty.")
                : new TreeEnsemble(features, start, trees);
        }
        catch (ArgumentException wrong)
        {
            throw new InvalidDataException(wrong.Message, wrong);
        }
    }
}

/// <summary>A node of a tree.</summary>
/// <param name="Feature">Position of the value that is asked for; -1 in a leaf.</param>
/// <param name="Threshold">A value up to it goes left.</param>
/// <param name="IsMissingLeft">Whether a missing value goes left.</param>
/// <param name="Left">Number of the left child; the right one comes next.</param>
/// <param name="Value">What the tree adds to the margin: of a leaf; of another node, what is expected there.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct TreeNode(int Feature, float Threshold, bool IsMissingLeft, int Left, double Value)
{
    /// <summary>Whether it is a leaf.</summary>
    public bool IsLeaf => Feature < 0;

    /// <summary>Number of the child that a value leads to.</summary>
    internal int Next(float value) =>
        value <= Threshold || (IsMissingLeft && float.IsNaN(value)) ? Left : Left + 1;
}
