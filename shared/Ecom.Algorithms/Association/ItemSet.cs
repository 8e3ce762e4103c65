namespace Ecom.Algorithms.Association;

/// <summary>Items that are bought together.</summary>
/// <param name="Items">Distinct items, ascending.</param>
/// <param name="Count">Baskets that hold all of them.</param>
public sealed record ItemSet(int[] Items, int Count);

/// <summary>What <see cref="FrequentItemSets.Mine"/> found.</summary>
public sealed record FrequentItemSetResult
{
    /// <summary>The item sets in the order of the search; every subset of a set is among them unless the limit was
    /// hit.</summary>
    public required IReadOnlyList<ItemSet> ItemSets { get; init; }

    /// <summary>All baskets, empty ones included.</summary>
    public required int BasketCount { get; init; }

    /// <summary>The search ended early: there are more item sets than were allowed. Raise the support.</summary>
    public required bool LimitReached { get; init; }
}

/// <summary>Settings of <see cref="FrequentItemSets.Mine"/>.</summary>
public sealed record ItemSetOptions
{
    /// <summary>Baskets that an item set must be in, at least 1.</summary>
    public required int MinimumCount { get; init; }

    /// <summary>Items in a set, at least 1. Default unlimited.</summary>
    public int MaximumLength { get; init; } = int.MaxValue;

    /// <summary>Item sets after which the search ends with <see cref="FrequentItemSetResult.LimitReached"/>. Default
    /// 1,000,000.</summary>
    public int MaximumItemSets { get; init; } = 1_000_000;

    /// <summary>The smallest count that is at least <paramref name="share"/> of the baskets; never less than
    /// 1.</summary>
    /// <param name="share">Relative support in [0, 1].</param>
    /// <param name="basketCount">Number of baskets.</param>
    public static int CountOf(double share, int basketCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);

        // The tolerance keeps 0.1 × 30 = 3.0000000000000004 at 3.
        return Math.Max(1, (int)Math.Ceiling((share * basketCount) - 1e-9));
    }
}
