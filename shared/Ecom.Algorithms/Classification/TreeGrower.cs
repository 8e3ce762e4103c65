namespace Ecom.Algorithms.Classification;

/// <summary>Grows one tree after another on the same bins.</summary>
internal sealed class TreeGrower(FeatureBins bins, GradientBoostingOptions options, ParallelOptions parallel)
{
    private readonly int _rows = bins.Columns[0].Length;
    private readonly float[] _slopes = new float[bins.Columns[0].Length];
    private readonly float[] _bends = new float[bins.Columns[0].Length];
    private readonly int[] _moved = new int[bins.Columns[0].Length];
    private readonly Stack<double[]> _spare = new();
    private int[] _order = [];

    /// <summary>First and second derivative of the log-loss at the margins.</summary>
    public void SetGradients(double[] margins, bool[] labels) => InParts(row =>
    {
        var p = 1 / (1 + Math.Exp(-margins[row]));
        _slopes[row] = (float)(p - (labels[row] ? 1 : 0));
        _bends[row] = (float)(p * (1 - p));
    });

    /// <summary>Adds a tree to the margin of every row.</summary>
    /// <param name="margins">The margins.</param>
    /// <param name="tree">A tree that this has grown.</param>
    public void AddTo(double[] margins, TreeNode[] tree)
    {
        var limits = Array.ConvertAll(
            tree, node => node.IsLeaf ? 0 : 1 + Array.BinarySearch(bins.Cuts[node.Feature], node.Threshold));
        InParts(row =>
        {
            var at = 0;
            while (!tree[at].IsLeaf)
            {
                var bin = bins.Columns[tree[at].Feature][row];
                at = tree[at].Left + (IsLeft(bin, limits[at], tree[at].IsMissingLeft) ? 0 : 1);
            }

            margins[row] += tree[at].Value;
        });
    }

    /// <summary>Grows a tree, always the leaf that gains most.</summary>
    /// <param name="rows">Rows that it sees, ascending.</param>
    /// <param name="columns">Features that it may ask for.</param>
    public TreeNode[] Grow(int[] rows, int[] columns)
    {
        _order = rows;
        var nodes = new List<TreeNode>();
        var leaves = new List<Leaf> { new(0, 0, rows.Length, 0, Histogram(0, rows.Length, columns)) };
        nodes.Add(NodeOf(leaves[0], columns));
        FindSplit(leaves[0], columns);
        while (leaves.Count < options.Leaves && leaves.MaxBy(leaf => leaf.Split.Gain) is { Split.Gain: > 0 } leaf)
        {
            var split = leaf.Split;
            var middle = Partition(leaf, split);
            var isLeftLess = middle - leaf.Begin <= leaf.End - middle;
            var less = isLeftLess
                ? Histogram(leaf.Begin, middle, columns)
                : Histogram(middle, leaf.End, columns);
            var more = leaf.Histogram;
            Subtract(more, less);
            var left = new Leaf(
                nodes.Count, leaf.Begin, middle, leaf.Depth + 1, isLeftLess ? less : more);
            var right = new Leaf(
                nodes.Count + 1, middle, leaf.End, leaf.Depth + 1, isLeftLess ? more : less);
            nodes[leaf.Node] = nodes[leaf.Node] with
            {
                Feature = split.Feature,
                Threshold = bins.Cuts[split.Feature][split.Bin - 1],
                IsMissingLeft = split.IsMissingLeft,
                Left = nodes.Count,
            };
            nodes.Add(NodeOf(left, columns));
            nodes.Add(NodeOf(right, columns));
            FindSplit(left, columns);
            FindSplit(right, columns);
            leaves[leaves.IndexOf(leaf)] = left;
            leaves.Add(right);
        }

        foreach (var leaf in leaves)
        {
            _spare.Push(leaf.Histogram);
        }

        return [.. nodes];
    }

    private static bool IsLeft(byte bin, int limit, bool isMissingLeft) => bin <= limit && (bin > 0 || isMissingLeft);

    private TreeNode NodeOf(Leaf leaf, int[] columns)
    {
        var (slope, bend) = Total(leaf.Histogram, columns[0]);
        return new TreeNode(-1, 0, false, 0, -options.LearningRate * slope / (bend + options.Penalty));
    }

    private static (double Slope, double Bend) Total(double[] histogram, int feature)
    {
        var (slope, bend) = (0.0, 0.0);
        for (var at = 2 * feature * FeatureBins.Most; at < 2 * (feature + 1) * FeatureBins.Most; at += 2)
        {
            slope += histogram[at];
            bend += histogram[at + 1];
        }

        return (slope, bend);
    }

    // Of each feature and bin: sum of first and of second derivatives.
    private double[] Histogram(int begin, int end, int[] columns)
    {
        var histogram = _spare.TryPop(out var spare) ? spare : new double[2 * bins.Columns.Length * FeatureBins.Most];
        Parallel.ForEach(columns, parallel, feature =>
        {
            var sums = histogram.AsSpan(2 * feature * FeatureBins.Most, 2 * FeatureBins.Most);
            sums.Clear();
            var column = bins.Columns[feature];
            foreach (var row in _order.AsSpan(begin, end - begin))
            {
                var at = 2 * column[row];
                sums[at] += _slopes[row];
                sums[at + 1] += _bends[row];
            }
        });
        return histogram;
    }

    private static void Subtract(double[] from, double[] what)
    {
        for (var at = 0; at < from.Length; at++)
        {
            from[at] -= what[at];
        }
    }

    private void FindSplit(Leaf leaf, int[] columns)
    {
        if (leaf.Depth >= options.Depth || leaf.End - leaf.Begin < 2)
        {
            return;
        }

        foreach (var feature in columns)
        {
            var (slope, bend) = Total(leaf.Histogram, feature);
            var sums = leaf.Histogram.AsSpan(2 * feature * FeatureBins.Most, 2 * FeatureBins.Most);
            var most = bins.Cuts[feature].Length;
            var unsplit = slope * slope / (bend + options.Penalty);
            for (var missing = 0; missing <= 1; missing++)
            {
                // The missing go left first; where there are none, that is all.
                var (leftSlope, leftBend) = missing == 0 ? (sums[0], sums[1]) : (0.0, 0.0);
                for (var bin = 1; bin <= most; bin++)
                {
                    leftSlope += sums[2 * bin];
                    leftBend += sums[(2 * bin) + 1];
                    var (rightSlope, rightBend) = (slope - leftSlope, bend - leftBend);
                    if (leftBend < options.LeastWeight || rightBend < options.LeastWeight)
                    {
                        continue;
                    }

                    var gain = (leftSlope * leftSlope / (leftBend + options.Penalty))
                        + (rightSlope * rightSlope / (rightBend + options.Penalty)) - unsplit;
                    if (gain > leaf.Split.Gain + 1e-9)
                    {
                        leaf.Split = new Split(gain, feature, bin, missing == 0);
                    }
                }

                if (sums[1] <= 1e-12)
                {
                    break;
                }
            }
        }
    }

    private int Partition(Leaf leaf, Split split)
    {
        var column = bins.Columns[split.Feature];
        var (kept, moved) = (leaf.Begin, 0);
        for (var at = leaf.Begin; at < leaf.End; at++)
        {
            var row = _order[at];
            if (IsLeft(column[row], split.Bin, split.IsMissingLeft))
            {
                _order[kept++] = row;
            }
            else
            {
                _moved[moved++] = row;
            }
        }

        Array.Copy(_moved, 0, _order, kept, moved);
        return kept;
    }

    private void InParts(Action<int> work)
    {
        const int Part = 16_384;
        Parallel.For(0, (_rows + Part - 1) / Part, parallel, part =>
        {
            for (var row = part * Part; row < Math.Min(_rows, (part + 1) * Part); row++)
            {
                work(row);
            }
        });
    }

    private readonly record struct Split(double Gain, int Feature, int Bin, bool IsMissingLeft);

    private sealed class Leaf(int node, int begin, int end, int depth, double[] histogram)
    {
        public int Node => node;

        public int Begin => begin;

        public int End => end;

        public int Depth => depth;

        public double[] Histogram => histogram;

        public Split Split { get; set; }
    }
}
