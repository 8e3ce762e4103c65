using CsCheck;
using Ecom.Algorithms.Segmentation;

namespace Ecom.UnitTests.Algorithms.Segmentation;

public sealed class KMeansTests
{
    [Fact]
    public void Four_points_in_two_pairs_give_the_hand_computed_clusters()
    {
        double[] points = [0, 0, 0, 2, 10, 0, 10, 2];

        var clustering = KMeans.Fit(points, 2, new KMeansOptions { Clusters = 2 });

        Assert.Equal([0.0, 1.0], clustering.Centroids[0]);
        Assert.Equal([10.0, 1.0], clustering.Centroids[1]);
        Assert.Equal([0, 0, 1, 1], clustering.Labels);
        Assert.Equal(4, clustering.Inertia, 12);
    }

    [Fact]
    public void Planted_clouds_are_recovered_from_every_seed()
    {
        var random = new Random(3);
        var points = Enumerable.Range(0, 300)
            .SelectMany(n => new[] { (n % 6 * 10) + random.NextDouble(), (n % 6 * n % 5) + random.NextDouble() })
            .ToArray();
        var inertia = KMeans.Fit(points, 2, new KMeansOptions { Clusters = 6, Seed = 0 }).Inertia;

        for (var seed = 1; seed <= 10; seed++)
        {
            var clustering = KMeans.Fit(points, 2, new KMeansOptions { Clusters = 6, Seed = seed });
            Assert.Equal(inertia, clustering.Inertia, 6);
            Assert.All(clustering.Labels.Index(), label => Assert.Equal(label.Index % 6, label.Item));
        }
    }

    [Fact]
    public void Every_point_is_with_its_nearest_centre_and_inertia_is_the_sum_of_distances() =>
        Gen.Select(Gen.Double[-9, 9].Array[2].List[1, 30], Gen.Int[1, 6], Gen.Int).Sample((rows, clusters, seed) =>
        {
            var options = new KMeansOptions { Clusters = clusters, Seed = seed, Restarts = 3 };
            var clustering = KMeans.Fit([.. rows.SelectMany(row => row)], 2, options);

            var sum = 0.0;
            foreach (var (at, row) in rows.Index())
            {
                double To(double[] centre) => Math.Pow(row[0] - centre[0], 2) + Math.Pow(row[1] - centre[1], 2);
                var own = To(clustering.Centroids[clustering.Labels[at]]);
                Assert.True(own <= clustering.Centroids.Min(To) + 1e-9);
                sum += own;
            }

            Assert.Equal(sum, clustering.Inertia, 1e-6);
        });

    [Fact]
    public void The_same_seed_gives_the_same_clusters()
    {
        var random = new Random(8);
        var points = Enumerable.Range(0, 400).Select(_ => random.NextDouble()).ToArray();
        var options = new KMeansOptions { Clusters = 5, Seed = 42 };

        Assert.Equal(KMeans.Fit(points, 2, options).Labels, KMeans.Fit(points, 2, options).Labels);
    }

    [Fact]
    public void The_best_of_many_starts_is_kept()
    {
        var random = new Random(12);
        var points = Enumerable.Range(0, 400).Select(_ => random.NextDouble()).ToArray();
        var single = new KMeansOptions { Clusters = 12, Restarts = 1 };

        var gains = Enumerable.Range(0, 5).Select(seed =>
            KMeans.Fit(points, 2, single with { Seed = seed }).Inertia
            - KMeans.Fit(points, 2, single with { Seed = seed, Restarts = 20 }).Inertia).ToArray();

        // The first of the twenty is the single one.
        Assert.All(gains, gain => Assert.True(gain >= 0));
        Assert.Contains(gains, gain => gain > 1e-6);
    }

    [Fact]
    public void Equal_points_and_no_points_give_fewer_clusters()
    {
        var equal = KMeans.Fit([1, 1, 1, 1], 1, new KMeansOptions { Clusters = 3 });
        var none = KMeans.Fit([], 2, new KMeansOptions { Clusters = 3 });

        Assert.Single(equal.Centroids);
        Assert.Equal(0, equal.Inertia);
        Assert.Empty(none.Centroids);
        Assert.Equal(0, none.Inertia);
    }

    [Fact]
    public void The_silhouette_is_the_hand_computed_one()
    {
        // Points 0 and 1 against 5 and 6: (4.5 + …): a = 1 each; b = 5.5, 4.5, 4.5, 5.5.
        var silhouette = Silhouette.Mean([0, 1, 5, 6], 1, [0, 0, 1, 1], sample: 100, seed: 1);

        Assert.Equal(((4.5 / 5.5) + (3.5 / 4.5)) / 2, silhouette, 12);
        Assert.Equal(0, Silhouette.Mean([0, 1], 1, [0, 0], 100, 1));
        Assert.Equal(0, Silhouette.Mean([], 1, [], 100, 1));
    }

    [Fact]
    public void A_sampled_silhouette_is_near_the_full_one()
    {
        var random = new Random(4);
        var points = Enumerable.Range(0, 1_000).Select(n => (n % 3 * 2) + random.NextDouble()).ToArray();
        var labels = Enumerable.Range(0, 1_000).Select(n => n % 3).ToArray();

        var full = Silhouette.Mean(points, 1, labels, 1_000, seed: 1);

        Assert.Equal(full, Silhouette.Mean(points, 1, labels, 300, seed: 1), 0.02);
    }
}
