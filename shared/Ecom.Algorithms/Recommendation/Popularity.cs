namespace Ecom.Algorithms.Recommendation;

/// <summary>The same list for everybody: items by their total weight, optionally decayed with age. The
/// baseline.</summary>
/// <remarks>
/// <para>With a half-life it is "trending": an event counts 2^(-age / half-life), as in the usual exponential
/// decay.</para>
/// <para>Fit O(events); deterministic. The history is ignored, so there is never a reason.</para>
/// </remarks>
public sealed class Popularity : IRecommender
{
    internal const string KindName = "popularity";

    private readonly string[] _itemIds;
    private readonly float[] _weights;

    private Popularity(string[] itemIds, float[] weights)
    {
        _itemIds = itemIds;
        _weights = weights;
    }

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <inheritdoc/>
    public IReadOnlyList<string> ItemIds => _itemIds;

    /// <summary>Popularity as the sum of the weights of each item.</summary>
    /// <param name="interactions">Users × items.</param>
    /// <param name="itemIds">Id of each item.</param>
    /// <exception cref="ArgumentException">The number of ids is not the number of items.</exception>
    public static Popularity Fit(Interactions interactions, IReadOnlyList<string> itemIds)
    {
        ArgumentNullException.ThrowIfNull(interactions);
        var ids = CheckedIds(itemIds, interactions.ItemCount);
        var sums = new double[ids.Length];
        for (var entry = 0; entry < interactions.Count; entry++)
        {
            sums[interactions.Items[entry]] += interactions.Weights[entry];
        }

        return new Popularity(ids, Array.ConvertAll(sums, sum => (float)sum));
    }

    /// <summary>Popularity that fades: each event weighs 2^(-age / half-life).</summary>
    /// <param name="items">Item of each event, in [0, items).</param>
    /// <param name="ageDays">Age of each event in days, at least 0.</param>
    /// <param name="halfLifeDays">Age at which an event counts half; greater than 0.</param>
    /// <param name="itemIds">Id of each item.</param>
    public static Popularity FitDecayed(
        ReadOnlySpan<int> items,
        ReadOnlySpan<double> ageDays,
        double halfLifeDays,
        IReadOnlyList<string> itemIds)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(halfLifeDays);
        ArgumentNullException.ThrowIfNull(itemIds);
        if (items.Length != ageDays.Length)
        {
            throw new ArgumentException("Items and ages must have the same length.", nameof(ageDays));
        }

        var sums = new double[itemIds.Count];
        for (var entry = 0; entry < items.Length; entry++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(ageDays[entry]);
            sums[items[entry]] += Math.Pow(2, -ageDays[entry] / halfLifeDays);
        }

        return new Popularity([.. itemIds], Array.ConvertAll(sums, sum => (float)sum));
    }

    /// <inheritdoc/>
    public void Score(History history, Span<float> scores) => _weights.CopyTo(scores);

    /// <summary>Zeros: the history plays no part.</summary>
    public void Contributions(History history, int item, Span<float> contributions) => contributions.Clear();

    /// <summary>The most popular items: this model knows no similarity.</summary>
    public void Similar(int item, Span<float> scores) => _weights.CopyTo(scores);

    /// <inheritdoc/>
    public void WriteBody(BinaryWriter writer) => RecommenderFormat.WriteArray<float>(writer, _weights);

    internal static Popularity ReadBody(BinaryReader reader, string[] itemIds) =>
        new(itemIds, RecommenderFormat.ReadArray<float>(reader, itemIds.Length));

    /// <exception cref="ArgumentException">The number of ids is not the number of items.</exception>
    internal static string[] CheckedIds(IReadOnlyList<string> itemIds, int itemCount)
    {
        ArgumentNullException.ThrowIfNull(itemIds);
        return itemIds.Count == itemCount
            ? [.. itemIds]
            : throw new ArgumentException($"{itemIds.Count} ids for {itemCount} items.", nameof(itemIds));
    }
}
