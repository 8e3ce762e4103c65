namespace Ecom.Algorithms.Fraud;

/// <summary>An anomaly score without labels: how few random cuts set a row apart.</summary>
/// <remarks>
/// F. T. Liu, K. M. Ting, Z.-H. Zhou, "Isolation Forest", 2008. Each tree cuts a sample of rows at random values of
/// random features until each is alone, or to the depth of the sample's binary logarithm; the score is
/// 2^(−mean path length / expected length): near 1 is an anomaly, 0.5 and less is ordinary. Missing values are told
/// by −1, below any feature that counts or measures. Cost of a fit trees × sample × log₂ sample, of a score
/// trees × log₂ sample. Same rows, same seed: same forest. Immutable and thread-safe.
/// </remarks>
public sealed class IsolationForest
{
    private readonly Node[] _nodes;
    private readonly int[] _roots;
    private readonly double _expected;

    private IsolationForest(Node[] nodes, int[] roots, int features, double expected)
    {
        (_nodes, _roots, Features, _expected) = (nodes, roots, features, expected);
    }

    /// <summary>How many values a row has.</summary>
    public int Features { get; }

    /// <summary>Grows a forest.</summary>
    /// <param name="rows">Row by row, as many values as features; NaN is missing.</param>
    /// <param name="features">Values of a row, at least 1.</param>
    /// <param name="trees">Number of trees, at least 1. Default 200.</param>
    /// <param name="sample">Rows of a tree, at least 2. Default 256.</param>
    /// <param name="seed">Of samples and cuts. Default 1.</param>
    public static IsolationForest Fit(
        ReadOnlySpan<float> rows, int features, int trees = 200, int sample = 256, int seed = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(features);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(trees);
        ArgumentOutOfRangeException.ThrowIfLessThan(sample, 2);
        var count = rows.Length / features;
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2, nameof(rows));
        var size = Math.Min(sample, count);
        var (nodes, roots, random) = (new List<Node>(), new int[trees], new Random(seed));
        var table = new float[size * features];
        var most = (int)Math.Ceiling(Math.Log2(size));
        for (var tree = 0; tree < trees; tree++)
        {
            for (var row = 0; row < size; row++)
            {
                var chosen = random.Next(count);
                for (var feature = 0; feature < features; feature++)
                {
                    table[(row * features) + feature] = Known(rows[(chosen * features) + feature]);
                }
            }

            roots[tree] = nodes.Count;
            nodes.Add(default);
            Grow(nodes, roots[tree], table, features, [.. Enumerable.Range(0, size)], 0, most, random);
        }

        return new IsolationForest([.. nodes], roots, features, ExpectedPath(size));
    }

    /// <summary>The anomaly score of a row, above 0 to 1.</summary>
    /// <param name="row">As many values as features; NaN is missing.</param>
    public double Score(ReadOnlySpan<float> row)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(row.Length, Features);
        double length = 0;
        foreach (var root in _roots)
        {
            ref readonly var node = ref _nodes[root];
            while (node.Feature >= 0)
            {
                node = ref _nodes[Known(row[node.Feature]) < node.Cut ? node.Left : node.Left + 1];
            }

            length += node.Path;
        }

        return Math.Pow(2, -length / _roots.Length / _expected);
    }

    internal void Write(BinaryWriter writer)
    {
        writer.Write(Features);
        writer.Write(_expected);
        writer.Write(_roots.Length);
        writer.Write(_nodes.Length);
        foreach (var root in _roots)
        {
            writer.Write(root);
        }

        foreach (var node in _nodes)
        {
            writer.Write(node.Feature);
            writer.Write(node.Cut);
            writer.Write(node.Left);
            writer.Write(node.Path);
        }
    }

    // Of a sound forest each child comes after its parent, so that every walk ends.
    internal static IsolationForest Read(BinaryReader reader)
    {
        var (features, expected) = (reader.ReadInt32(), reader.ReadDouble());
        var (treeCount, nodeCount) = (reader.ReadInt32(), reader.ReadInt32());
        if (features is < 1 or > 100_000 || !double.IsFinite(expected) || expected <= 0
            || treeCount is < 1 or > 100_000 || nodeCount < treeCount || nodeCount > 100_000_000)
        {
            throw new InvalidDataException("This is no isolation forest.");
        }

        var roots = new int[treeCount];
        foreach (ref var root in roots.AsSpan())
        {
            root = reader.ReadInt32();
        }

        var nodes = new List<Node>();
        for (var at = 0; at < nodeCount; at++)
        {
            var node = new Node(reader.ReadInt32(), reader.ReadSingle(), reader.ReadInt32(), reader.ReadDouble());
            nodes.Add(!double.IsFinite(node.Path) || node.Feature >= features
                || (node.Feature >= 0 && (node.Left <= at || node.Left >= nodeCount - 1))
                ? throw new InvalidDataException($"Node {at} of the isolation forest is not sound.") : node);
        }

        return Array.TrueForAll(roots, root => root >= 0 && root < nodeCount)
            ? new IsolationForest([.. nodes], roots, features, expected)
            : throw new InvalidDataException("A root of the isolation forest is not there.");
    }

    // The mean path of an unsuccessful search in a binary tree of so many.
    private static double ExpectedPath(int count) => count switch
    {
        <= 1 => 0,
        2 => 1,
        _ => (2 * (Math.Log(count - 1) + 0.5772156649015329)) - (2.0 * (count - 1) / count),
    };

    private static float Known(float value) => float.IsNaN(value) ? -1 : value;

    private static void Grow(
        List<Node> nodes, int at, float[] table, int features, int[] rows, int depth, int most, Random random)
    {
        var feature = depth < most && rows.Length > 1 ? Choose(table, features, rows, random) : -1;
        if (feature < 0)
        {
            nodes[at] = new Node(-1, 0, 0, depth + ExpectedPath(rows.Length));
            return;
        }

        var values = Array.ConvertAll(rows, row => table[(row * features) + feature]);
        var (least, greatest) = (values.Min(), values.Max());
        var cut = least + ((greatest - least) * (1 - random.NextSingle()));
        cut = cut > least ? cut : greatest;
        var left = nodes.Count;
        nodes[at] = new Node(feature, cut, left, 0);
        nodes.Add(default);
        nodes.Add(default);
        var below = Array.FindAll(rows, row => table[(row * features) + feature] < cut);
        var above = Array.FindAll(rows, row => table[(row * features) + feature] >= cut);
        Grow(nodes, left, table, features, below, depth + 1, most, random);
        Grow(nodes, left + 1, table, features, above, depth + 1, most, random);
    }

    // A random feature among those that differ.
    private static int Choose(float[] table, int features, int[] rows, Random random)
    {
        var order = Enumerable.Range(0, features).ToArray();
        random.Shuffle(order);
        return Array.Find(
            [.. order.Where(feature => rows.Any(
                row => table[(row * features) + feature] != table[(rows[0] * features) + feature])), -1],
            _ => true);
    }

    private readonly record struct Node(int Feature, float Cut, int Left, double Path);
}
