namespace Ecom.Algorithms.Segmentation;

/// <summary>Names clusters after where their centres lie among recency, frequency and money.</summary>
/// <remarks>
/// Each name has a typical position in z-scores; names are given so that the total squared distance is least and none
/// is
/// given twice (exact, by dynamic programming over subsets).
/// </remarks>
public static class SegmentNames
{
    private static readonly (string Name, double[] Position)[] Typical =
    [
        ("Champions", [-1.3, 1.5, 1.5]),
        ("Loyal", [-0.5, 0.6, 0.6]),
        ("Big spenders", [-0.1, 0.0, 1.1]),
        ("Promising", [-0.6, -0.2, -0.3]),
        ("New", [-1.2, -0.9, -0.8]),
        ("Need attention", [0.4, 0.1, 0.1]),
        ("At risk", [0.7, 0.6, 0.6]),
        ("About to sleep", [0.4, -0.6, -0.5]),
        ("Hibernating", [0.9, -0.9, -0.9]),
        ("Lost", [1.3, -0.9, -1.4]),
    ];

    /// <summary>Most clusters that can be named.</summary>
    public static int MaximumCount => Typical.Length;

    /// <summary>A name for each centre, all different.</summary>
    /// <param name="centroids">z-scores of recency, frequency, monetary; at most <see cref="MaximumCount"/>.</param>
    public static string[] For(IReadOnlyList<double[]> centroids)
    {
        ArgumentNullException.ThrowIfNull(centroids);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(centroids.Count, MaximumCount, nameof(centroids));

        // cost[set]: least total distance when the first |set| centres have the names of the set.
        var cost = new double[1 << Typical.Length];
        var last = new int[cost.Length];
        Array.Fill(cost, double.PositiveInfinity, 1, cost.Length - 1);
        for (var set = 0; set < cost.Length; set++)
        {
            var centre = int.PopCount(set);
            if (centre >= centroids.Count)
            {
                continue;
            }

            for (var name = 0; name < Typical.Length; name++)
            {
                var with = set | (1 << name);
                var total = cost[set] + Distance.Squared(centroids[centre], Typical[name].Position);
                if (with != set && total < cost[with])
                {
                    (cost[with], last[with]) = (total, name);
                }
            }
        }

        var best = Enumerable.Range(0, cost.Length)
            .Where(set => int.PopCount(set) == centroids.Count)
            .MinBy(set => cost[set]);
        var names = new string[centroids.Count];
        for (var centre = names.Length - 1; centre >= 0; centre--)
        {
            names[centre] = Typical[last[best]].Name;
            best &= ~(1 << last[best]);
        }

        return names;
    }
}
