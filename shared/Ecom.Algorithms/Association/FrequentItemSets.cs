using System.Numerics;

namespace Ecom.Algorithms.Association;

/// <summary>Finds every set of items that is bought together often enough, with its exact count.</summary>
/// <remarks>
/// <para>Source: Zaki, "Scalable algorithms for association mining", IEEE TKDE 2000 (Eclat, depth first). For each
/// first
/// item only its own baskets are kept, as bit sets, so the rows shrink with the first step.</para>
/// <para>Rare items come first, which keeps the search tree narrow. Cost grows with the number of item sets; each costs
/// baskets of its first item / 64 steps. Memory: one bit a basket and open extension.</para>
/// <para>Deterministic, also when the limit is hit.</para>
/// </remarks>
public static class FrequentItemSets
{
    /// <summary>Mines item sets of length 1 and more.</summary>
    /// <param name="baskets">Items of each basket, not negative; a repetition within a basket counts once.</param>
    /// <param name="options">Thresholds.</param>
    /// <param name="cancellation">Stops the search.</param>
    public static FrequentItemSetResult Mine(
        IReadOnlyList<int[]> baskets,
        ItemSetOptions options,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(baskets);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MinimumCount, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaximumLength, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaximumItemSets, 1, nameof(options));

        var ranked = RankedBaskets.Build(baskets, options.MinimumCount);
        var search = new Search(ranked, options, cancellation);
        for (var first = 0; first < ranked.Items.Length && !search.LimitReached; first++)
        {
            search.ExpandFrom(first);
        }

        return new FrequentItemSetResult
        {
            ItemSets = search.Found,
            BasketCount = baskets.Count,
            LimitReached = search.LimitReached,
        };
    }

    private sealed class Search(RankedBaskets ranked, ItemSetOptions options, CancellationToken cancellation)
    {
        private readonly int[] _prefix = new int[Math.Min(options.MaximumLength, Math.Max(1, ranked.Items.Length))];

        public List<ItemSet> Found { get; } = [];

        public bool LimitReached { get; private set; }

        /// <summary>Every item set whose rarest item is <paramref name="first"/>.</summary>
        public void ExpandFrom(int first)
        {
            cancellation.ThrowIfCancellationRequested();
            var rows = ranked.RowsOf(first);
            _prefix[0] = ranked.Items[first];
            if (!Add(1, rows.Length) || options.MaximumLength == 1)
            {
                return;
            }

            var counts = new int[ranked.Items.Length - first - 1];
            foreach (var row in rows)
            {
                foreach (var rank in ranked.After(row, first))
                {
                    counts[rank - first - 1]++;
                }
            }

            var slots = new int[counts.Length];
            var extensions = new List<Extension>();
            for (var at = 0; at < counts.Length; at++)
            {
                slots[at] = counts[at] >= options.MinimumCount ? extensions.Count : -1;
                if (slots[at] >= 0)
                {
                    var item = ranked.Items[first + 1 + at];
                    extensions.Add(new Extension(item, counts[at], new ulong[(rows.Length + 63) / 64]));
                }
            }

            for (var row = 0; row < rows.Length; row++)
            {
                foreach (var rank in ranked.After(rows[row], first))
                {
                    var slot = slots[rank - first - 1];
                    if (slot >= 0)
                    {
                        extensions[slot].Rows[row >> 6] |= 1UL << (row & 63);
                    }
                }
            }

            Expand(1, extensions);
        }

        private void Expand(int length, List<Extension> extensions)
        {
            for (var at = 0; at < extensions.Count; at++)
            {
                var (item, count, rows) = extensions[at];
                _prefix[length] = item;
                if (!Add(length + 1, count))
                {
                    return;
                }

                if (length + 1 == options.MaximumLength)
                {
                    continue;
                }

                var further = new List<Extension>();
                for (var other = at + 1; other < extensions.Count; other++)
                {
                    var (with, _, otherRows) = extensions[other];
                    var both = CountBoth(rows, otherRows);
                    if (both >= options.MinimumCount)
                    {
                        further.Add(new Extension(with, both, Intersect(rows, otherRows)));
                    }
                }

                Expand(length + 1, further);
                if (LimitReached)
                {
                    return;
                }
            }
        }

        private bool Add(int length, int count)
        {
            if (Found.Count == options.MaximumItemSets)
            {
                LimitReached = true;
                return false;
            }

            var items = _prefix[..length];
            Array.Sort(items);
            Found.Add(new ItemSet(items, count));
            return true;
        }

        private static int CountBoth(ulong[] one, ulong[] other)
        {
            var count = 0;
            for (var word = 0; word < one.Length; word++)
            {
                count += BitOperations.PopCount(one[word] & other[word]);
            }

            return count;
        }

        private static ulong[] Intersect(ulong[] one, ulong[] other)
        {
            var both = new ulong[one.Length];
            for (var word = 0; word < both.Length; word++)
            {
                both[word] = one[word] & other[word];
            }

            return both;
        }

        private readonly record struct Extension(int Item, int Count, ulong[] Rows);
    }
}
