namespace Ecom.Algorithms.Segmentation;

/// <summary>How much nearer points are to their own cluster than to the next one.</summary>
/// <remarks>
/// Source: Rousseeuw, "Silhouettes", J. Computational and Applied Mathematics, 1987. O(sample² · dimensions).
/// Deterministic for a seed.
/// </remarks>
public static class Silhouette
{
    /// <summary>Mean silhouette in [-1, 1]; 0 when there are fewer than two clusters. A point alone in its cluster has
    /// 0.</summary>
    /// <param name="points">Row-major.</param>
    /// <param name="dimensions">Coordinates of a point.</param>
    /// <param name="labels">Cluster of each point, from 0.</param>
    /// <param name="sample">Points to measure among, drawn without replacement; all when there are no more.</param>
    /// <param name="seed">Seed of the sample.</param>
    public static double Mean(double[] points, int dimensions, int[] labels, int sample, int seed)
    {
        ArgumentNullException.ThrowIfNull(points);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(sample, 1);
        var chosen = Enumerable.Range(0, labels.Length).ToArray();
        if (sample < chosen.Length)
        {
            new Random(seed).Shuffle(chosen);
            chosen = chosen[..sample];
        }

        var sizes = new int[labels.Length == 0 ? 0 : labels.Max() + 1];
        foreach (var point in chosen)
        {
            sizes[labels[point]]++;
        }

        if (sizes.Count(size => size > 0) < 2)
        {
            return 0;
        }

        return chosen.Average(point => OfPoint(point, points, dimensions, labels, chosen, sizes));
    }

    private static double OfPoint(
        int point,
        double[] points,
        int dimensions,
        int[] labels,
        int[] chosen,
        int[] sizes)
    {
        var own = labels[point];
        if (sizes[own] == 1)
        {
            return 0;
        }

        var sums = new double[sizes.Length];
        var here = points.AsSpan(point * dimensions, dimensions);
        foreach (var other in chosen)
        {
            sums[labels[other]] += Math.Sqrt(Distance.Squared(here, points.AsSpan(other * dimensions, dimensions)));
        }

        var within = sums[own] / (sizes[own] - 1);
        var between = double.PositiveInfinity;
        for (var cluster = 0; cluster < sizes.Length; cluster++)
        {
            if (cluster != own && sizes[cluster] > 0)
            {
                between = Math.Min(between, sums[cluster] / sizes[cluster]);
            }
        }

        var larger = Math.Max(within, between);
        return larger > 0 ? (between - within) / larger : 0;
    }
}
