namespace Ecom.Algorithms.Recommendation;

/// <summary>Settings of <see cref="RandomWalk"/>.</summary>
public sealed record RandomWalkOptions
{
    /// <summary>Exponent of the transition probabilities, at least 0. Default 0.7.</summary>
    public double Alpha { get; init; } = 0.7;

    /// <summary>Exponent of the second step, from the user; null for <see cref="Alpha"/>, as in the paper.</summary>
    public double? UserAlpha { get; init; }

    /// <summary>Exponent of the target's popularity, by which its weight is divided; at least 0. Default 0.5.</summary>
    public double Beta { get; init; } = 0.5;

    /// <summary>Targets kept for each item, at least 1. Default 200.</summary>
    public int Neighbours { get; init; } = 200;

    /// <summary>Threads to fit with; it never changes the result. Default all cores.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}

/// <summary>RP3beta: where a walk user → item → user → item ends, popular ends damped.</summary>
/// <remarks>
/// <para>Source: Paudel, Christoffel, Newell and Bernstein, "Updatable, accurate, diverse, and scalable recommendations
/// for interactive applications", ACM TiiS 2017.</para>
/// <para>sim(h, j) = Σ_u (w/deg h)^α · (w/deg u)^α / deg(j)^β; with ½, 1 and ½ the linear filter of GF-CF.</para>
/// <para>Cost: fit O(Σ d²) for users with d items. Deterministic, whatever the number of threads.</para>
/// </remarks>
public static class RandomWalk
{
    /// <summary>Name of the method in artefacts.</summary>
    public const string KindName = "rp3beta";

    /// <summary>Computes the strongest targets of every item.</summary>
    /// <param name="interactions">Users × items.</param>
    /// <param name="itemIds">Id of each item.</param>
    /// <param name="options">Settings.</param>
    /// <param name="cancellation">Stops the fit.</param>
    public static ItemSimilarity Fit(
        Interactions interactions,
        IReadOnlyList<string> itemIds,
        RandomWalkOptions options,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(interactions);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Alpha, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.Beta, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Neighbours, 1, nameof(options));
        var ids = Popularity.CheckedIds(itemIds, interactions.ItemCount);

        var byItem = interactions.Transpose();
        var (userDegrees, itemDegrees) = (interactions.RowSums(), byItem.RowSums());
        var fromItem = byItem.Reweigh((item, _, weight) => (float)Math.Pow(weight / itemDegrees[item], options.Alpha));
        var fromUser = interactions.Reweigh(
            (user, _, weight) => (float)Math.Pow(weight / userDegrees[user], options.UserAlpha ?? options.Alpha));
        var damping = Array.ConvertAll(itemDegrees, degree => degree > 0 ? (float)Math.Pow(degree, -options.Beta) : 0);
        return ItemSimilarity.Fit(
            KindName,
            ids,
            fromItem,
            fromUser,
            (_, target, sum) => sum * damping[target],
            options.Neighbours,
            options.Threads,
            cancellation);
    }
}
