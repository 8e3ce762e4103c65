namespace Ecom.Algorithms.Classification;

/// <summary>Gradient boosting of regression trees on the log-loss.</summary>
/// <remarks>
/// J. Friedman, "Greedy function approximation: a gradient boosting machine", 2001, with the second-order gain, the
/// penalty and the learnt way of missing values of T. Chen and C. Guestrin, "XGBoost", 2016, and the histograms,
/// leaf-wise growth and subtraction of G. Ke et al., "LightGBM", 2017. Cost: about rows × features × log₂ leaves / 2 a
/// tree. The same data, options and seed give the same trees bit for bit, whatever the number of threads: a column's
/// histogram is summed by one thread in the order of the rows.
/// </remarks>
public static class GradientBoosting
{
    /// <summary>Fits.</summary>
    /// <param name="rows">Row by row, as many values as features; NaN is missing.</param>
    /// <param name="features">Values of a row, at least 1.</param>
    /// <param name="labels">Whether each row is positive; both classes must occur.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellation">Stops the fit between trees.</param>
    /// <exception cref="ArgumentException">Sizes differ, or a class is missing.</exception>
    public static TreeEnsemble Fit(
        ReadOnlyMemory<float> rows,
        int features,
        bool[] labels,
        GradientBoostingOptions options,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(features);
        if (rows.Length != (long)features * labels.Length)
        {
            throw new ArgumentException("There must be as many labels as rows.", nameof(labels));
        }

        var positives = labels.Count(label => label);
        if (positives == 0 || positives == labels.Length)
        {
            throw new ArgumentException("Both classes must occur.", nameof(labels));
        }

        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Threads };
        var grower = new TreeGrower(FeatureBins.Of(rows, features, labels, parallel), options, parallel);
        var start = Math.Log(positives / (double)(labels.Length - positives));
        var margins = new double[labels.Length];
        Array.Fill(margins, start);
        var random = new Random(options.Seed);
        var trees = new List<TreeNode[]>();
        for (var tree = 0; tree < options.Trees; tree++)
        {
            cancellation.ThrowIfCancellationRequested();
            grower.SetGradients(margins, labels);
            trees.Add(grower.Grow(Sample(random, labels.Length, options.Rows), Columns(random, features, options)));
            grower.AddTo(margins, trees[^1]);
        }

        return new TreeEnsemble(features, start, trees);
    }

    private static int[] Sample(Random random, int count, double share) => share >= 1
        ? [.. Enumerable.Range(0, count)]
        : [.. Enumerable.Range(0, count).Where(_ => random.NextDouble() < share)];

    private static int[] Columns(Random random, int count, GradientBoostingOptions options)
    {
        var columns = Enumerable.Range(0, count).ToArray();
        if (options.Columns < 1)
        {
            random.Shuffle(columns);
            columns = columns[..Math.Max(1, (int)Math.Round(options.Columns * count))];
            Array.Sort(columns);
        }

        return columns;
    }
}
