namespace Ecom.Algorithms.Segmentation;

/// <summary>Settings of <see cref="KMeans"/>.</summary>
public sealed record KMeansOptions
{
    /// <summary>Number of clusters, at least 1; fewer come out when there are fewer distinct points.</summary>
    public required int Clusters { get; init; }

    /// <summary>Independent starts, of which the best is kept; at least 1. Default 20.</summary>
    public int Restarts { get; init; } = 20;

    /// <summary>Most Lloyd iterations of one start, at least 1. Default 300.</summary>
    public int Iterations { get; init; } = 300;

    /// <summary>Seed. Default 1.</summary>
    public int Seed { get; init; } = 1;
}

/// <summary>A partition of points into clusters.</summary>
public sealed record Clustering
{
    /// <summary>Centre of each cluster.</summary>
    public required double[][] Centroids { get; init; }

    /// <summary>Cluster of each point.</summary>
    public required int[] Labels { get; init; }

    /// <summary>Sum of the squared distances of all points to their centres.</summary>
    public required double Inertia { get; init; }
}

/// <summary>k-means: the centres of least total squared distance, by many good starts.</summary>
/// <remarks>
/// <para>Sources: Lloyd, "Least squares quantization in PCM", 1982; Arthur and Vassilvitskii, "k-means++", SODA 2007,
/// with the best of 2 + ln k candidates at each step.</para>
/// <para>Cost: restarts · iterations · points · clusters · dimensions. Deterministic for a seed: equal distances go to
/// the lower cluster; clusters are numbered by ascending centre, first coordinate first.</para>
/// </remarks>
public static class KMeans
{
    /// <summary>Clusters points.</summary>
    /// <param name="points">Row-major, finite.</param>
    /// <param name="dimensions">Coordinates of a point, at least 1.</param>
    /// <param name="options">Settings.</param>
    public static Clustering Fit(double[] points, int dimensions, KMeansOptions options)
    {
        ArgumentNullException.ThrowIfNull(points);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Clusters, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Restarts, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Iterations, 1, nameof(options));

        var random = new Random(options.Seed);
        var best = new Run(points, dimensions);
        for (var restart = 0; restart < options.Restarts; restart++)
        {
            var run = new Run(points, dimensions);
            run.Start(options.Clusters, random);
            run.Descend(options.Iterations);
            if (restart == 0 || run.Inertia < best.Inertia)
            {
                best = run;
            }
        }

        return best.ToClustering();
    }

    private sealed class Run(double[] points, int dimensions)
    {
        private readonly int _count = points.Length / dimensions;
        private readonly int[] _labels = new int[points.Length / dimensions];
        private readonly List<double[]> _centroids = [];

        public double Inertia { get; private set; } = double.PositiveInfinity;

        public void Start(int clusters, Random random)
        {
            if (_count == 0)
            {
                return;
            }

            var nearest = new double[_count];
            Array.Fill(nearest, double.PositiveInfinity);
            var chosen = random.Next(_count);
            while (true)
            {
                _centroids.Add(Point(chosen).ToArray());
                nearest = Nearer(nearest, chosen);
                var total = nearest.Sum();
                if (_centroids.Count == clusters || total <= 0)
                {
                    return;
                }

                var (lowest, candidates) = (double.PositiveInfinity, 2 + (int)Math.Log(clusters));
                for (var attempt = 0; attempt < candidates; attempt++)
                {
                    var candidate = Draw(nearest, total, random);
                    var potential = Nearer(nearest, candidate).Sum();
                    if (potential < lowest)
                    {
                        (chosen, lowest) = (candidate, potential);
                    }
                }
            }
        }

        public void Descend(int iterations)
        {
            for (var iteration = 0; iteration < iterations; iteration++)
            {
                var before = Inertia;
                Assign();
                Centre();
                if (before - Inertia <= 1e-12 * Inertia)
                {
                    break;
                }
            }

            Assign();
        }

        public Clustering ToClustering()
        {
            var order = Enumerable.Range(0, _centroids.Count)
                .OrderBy(cluster => _centroids[cluster], Comparer<double[]>.Create(
                    (x, y) => x.AsSpan().SequenceCompareTo(y)))
                .ToArray();
            var place = new int[order.Length];
            for (var at = 0; at < order.Length; at++)
            {
                place[order[at]] = at;
            }

            return new Clustering
            {
                Centroids = Array.ConvertAll(order, cluster => _centroids[cluster]),
                Labels = Array.ConvertAll(_labels, label => place[label]),
                Inertia = Inertia,
            };
        }

        private void Assign()
        {
            var inertia = 0.0;
            for (var point = 0; point < _count; point++)
            {
                var (label, least) = (0, double.PositiveInfinity);
                for (var cluster = 0; cluster < _centroids.Count; cluster++)
                {
                    var distance = Distance.Squared(Point(point), _centroids[cluster]);
                    if (distance < least)
                    {
                        (label, least) = (cluster, distance);
                    }
                }

                _labels[point] = label;
                inertia += least;
            }

            Inertia = inertia;
        }

        // A cluster that lost its last point keeps its centre.
        private void Centre()
        {
            var sizes = new int[_centroids.Count];
            var sums = new double[_centroids.Count * dimensions];
            for (var point = 0; point < _count; point++)
            {
                sizes[_labels[point]]++;
                for (var axis = 0; axis < dimensions; axis++)
                {
                    sums[(_labels[point] * dimensions) + axis] += points[(point * dimensions) + axis];
                }
            }

            for (var cluster = 0; cluster < sizes.Length; cluster++)
            {
                for (var axis = 0; axis < dimensions && sizes[cluster] > 0; axis++)
                {
                    _centroids[cluster][axis] = sums[(cluster * dimensions) + axis] / sizes[cluster];
                }
            }
        }

        private ReadOnlySpan<double> Point(int point) => points.AsSpan(point * dimensions, dimensions);

        private double[] Nearer(double[] nearest, int centre)
        {
            var nearer = new double[_count];
            for (var point = 0; point < _count; point++)
            {
                nearer[point] = Math.Min(nearest[point], Distance.Squared(Point(point), Point(centre)));
            }

            return nearer;
        }

        private static int Draw(double[] weights, double total, Random random)
        {
            var left = random.NextDouble() * total;
            var last = 0;
            for (var point = 0; point < weights.Length; point++)
            {
                if (weights[point] > 0)
                {
                    last = point;
                    left -= weights[point];
                    if (left < 0)
                    {
                        break;
                    }
                }
            }

            return last;
        }
    }
}
