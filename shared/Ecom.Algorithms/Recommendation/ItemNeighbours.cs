namespace Ecom.Algorithms.Recommendation;

/// <summary>How much a user says about the likeness of two items.</summary>
public enum NeighbourWeighting
{
    /// <summary>Cosine of the plain weights.</summary>
    Cosine,

    /// <summary>Cosine after tf-idf: users of many items say less.</summary>
    TfIdf,

    /// <summary>Okapi BM25 with k1 = 100, b = 0.8: as tf-idf, and items of many users say less; not a cosine.</summary>
    Bm25,
}

/// <summary>Settings of <see cref="ItemNeighbours"/>.</summary>
public sealed record ItemNeighboursOptions
{
    /// <summary>How users are weighed. Default tf-idf.</summary>
    public NeighbourWeighting Weighting { get; init; } = NeighbourWeighting.TfIdf;

    /// <summary>Neighbours kept for each item, at least 1. Default 100.</summary>
    public int Neighbours { get; init; } = 100;

    /// <summary>Added to the denominator of a cosine; damps what rests on few users. 0 is off. Default 0.</summary>
    public double Shrinkage { get; init; }

    /// <summary>Threads to fit with; it never changes the result. Default all cores.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}

/// <summary>Item-to-item collaborative filtering: items are alike that the same users took up.</summary>
/// <remarks>
/// <para>Source: Sarwar et al., "Item-based collaborative filtering recommendation algorithms", WWW 2001; the
/// weightings as in Ben Frederickson's implicit.</para>
/// <para>Cost: fit O(Σ d²) for users with d items. Deterministic, whatever the number of threads.</para>
/// </remarks>
public static class ItemNeighbours
{
    /// <summary>Name of the method in artefacts.</summary>
    public const string KindName = "item-knn";

    private const float K1 = 100;
    private const float B = 0.8f;

    /// <summary>Computes the neighbours of every item.</summary>
    /// <param name="interactions">Users × items.</param>
    /// <param name="itemIds">Id of each item.</param>
    /// <param name="options">Settings.</param>
    /// <param name="cancellation">Stops the fit.</param>
    public static ItemSimilarity Fit(
        Interactions interactions,
        IReadOnlyList<string> itemIds,
        ItemNeighboursOptions options,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(interactions);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Neighbours, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.Shrinkage, nameof(options));
        var ids = Popularity.CheckedIds(itemIds, interactions.ItemCount);
        var weighed = options.Weighting switch
        {
            NeighbourWeighting.TfIdf => TfIdf(interactions),
            NeighbourWeighting.Bm25 => Bm25(interactions),
            _ => interactions,
        };
        var byItem = weighed.Transpose();
        var norms = Norms(byItem);
        var shrinkage = (float)options.Shrinkage;
        Func<int, int, float, float> scale = options.Weighting == NeighbourWeighting.Bm25
            ? (_, _, sum) => sum
            : (source, target, sum) => sum / ((norms[source] * norms[target]) + shrinkage);
        return ItemSimilarity.Fit(
            KindName, ids, byItem, weighed, scale, options.Neighbours, options.Threads, cancellation);
    }

    // A user of every item says nothing: its idf is 0, and so are its weights.
    private static float Idf(Interactions interactions, int user) => MathF.Max(
        0, MathF.Log(interactions.ItemCount) - MathF.Log(1 + interactions.ItemsOf(user).Length));

    private static Interactions TfIdf(Interactions interactions) =>
        interactions.Reweigh((user, _, weight) => MathF.Sqrt(weight) * Idf(interactions, user));

    private static Interactions Bm25(Interactions interactions)
    {
        var lengths = new float[interactions.ItemCount];
        for (var entry = 0; entry < interactions.Count; entry++)
        {
            lengths[interactions.Items[entry]] += interactions.Weights[entry];
        }

        var average = Math.Max(float.Epsilon, lengths.Sum() / Math.Max(1, lengths.Length));
        return interactions.Reweigh((user, item, weight) =>
        {
            var length = 1 - B + (B * lengths[item] / average);
            return weight * (K1 + 1) / ((K1 * length) + weight) * Idf(interactions, user);
        });
    }

    private static float[] Norms(Interactions byItem)
    {
        var norms = new float[byItem.UserCount];
        for (var item = 0; item < norms.Length; item++)
        {
            var sum = 0.0;
            foreach (var weight in byItem.WeightsOf(item))
            {
                sum += (double)weight * weight;
            }

            norms[item] = (float)Math.Sqrt(sum);
        }

        return norms;
    }
}
