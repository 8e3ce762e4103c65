namespace Ecom.Algorithms.Recommendation;

/// <summary>What is known of a visitor: distinct items with weights, the newest last.</summary>
/// <remarks>A weight says how much an item tells: its kind of event and its recency. Models that know no order
/// ignore it.</remarks>
public readonly ref struct History
{
    private History(ReadOnlySpan<int> items, ReadOnlySpan<float> weights)
    {
        Items = items;
        Weights = weights;
    }

    /// <summary>Nothing is known.</summary>
    public static History Empty => default;

    /// <summary>Distinct items, the newest last.</summary>
    public ReadOnlySpan<int> Items { get; }

    /// <summary>Weight of each item, greater than 0.</summary>
    public ReadOnlySpan<float> Weights { get; }

    /// <summary>Number of items.</summary>
    public int Length => Items.Length;

    /// <summary>Items that weigh 1 each; of a repeated one only the newest counts.</summary>
    public static implicit operator History(ReadOnlySpan<int> items) => Of(items);

    /// <summary>Items that weigh 1 each; of a repeated one only the newest counts.</summary>
    public static implicit operator History(int[] items) => Of(items);

    /// <summary>Items with weights; of a repeated one only the newest counts, with its largest weight.</summary>
    /// <param name="items">Items, the newest last.</param>
    /// <param name="weights">Weight of each, finite and greater than 0; empty means 1 each.</param>
    /// <exception cref="ArgumentException">Lengths differ, or a weight is not above 0.</exception>
    public static History Of(ReadOnlySpan<int> items, ReadOnlySpan<float> weights = default)
    {
        if (!weights.IsEmpty && weights.Length != items.Length)
        {
            throw new ArgumentException("Items and weights must have the same length.", nameof(weights));
        }

        var distinct = new int[items.Length];
        var kept = new float[items.Length];
        var places = new Dictionary<int, int>(items.Length);
        var free = items.Length;
        for (var at = items.Length - 1; at >= 0; at--)
        {
            var weight = weights.IsEmpty ? 1 : weights[at];
            if (!(float.IsFinite(weight) && weight > 0))
            {
                throw new ArgumentException($"The weight of entry {at} is not a number above 0.", nameof(weights));
            }

            if (places.TryGetValue(items[at], out var place))
            {
                kept[place] = Math.Max(kept[place], weight);
                continue;
            }

            distinct[--free] = items[at];
            kept[free] = weight;
            places.Add(items[at], free);
        }

        return new History(distinct.AsSpan(free), kept.AsSpan(free));
    }

    /// <summary>Items that are known to be distinct, in time order.</summary>
    internal static History OfDistinct(ReadOnlySpan<int> items, ReadOnlySpan<float> weights) => new(items, weights);

    /// <summary>The row of a matrix, whose items are distinct by nature.</summary>
    public static History Of(Interactions interactions, int user) =>
        new(interactions.ItemsOf(user), interactions.WeightsOf(user));

    /// <summary>The same, where each item counts <paramref name="recency"/> times as much as the next newer
    /// one.</summary>
    internal History Fade(float recency)
    {
        if (recency >= 1 || Length < 2)
        {
            return this;
        }

        var weights = Weights.ToArray();
        var fade = 1f;
        for (var at = weights.Length - 2; at >= 0; at--)
        {
            // Never quite nothing: a weight must stay above 0.
            fade = Math.Max(fade * recency, 1e-6f);
            weights[at] *= fade;
        }

        return new History(Items, weights);
    }

    /// <exception cref="ArgumentOutOfRangeException">An item lies outside of a model.</exception>
    internal void Check(int itemCount)
    {
        foreach (var item in Items)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(item, nameof(Items));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(item, itemCount, nameof(Items));
        }
    }
}
