namespace Ecom.Algorithms.Association;

/// <summary>Baskets reduced to their frequent items, which are numbered from rarest to most frequent.</summary>
internal sealed class RankedBaskets
{
    private readonly int[][] _baskets;
    private readonly int[][] _rows;

    private RankedBaskets(int[] items, int[][] baskets, int[][] rows)
    {
        Items = items;
        _baskets = baskets;
        _rows = rows;
    }

    /// <summary>The frequent items; the position is the rank.</summary>
    public int[] Items { get; }

    public static RankedBaskets Build(IReadOnlyList<int[]> baskets, int minimumCount)
    {
        var distinct = new int[baskets.Count][];
        var counts = new Dictionary<int, int>();
        for (var row = 0; row < distinct.Length; row++)
        {
            distinct[row] = [.. baskets[row].Distinct()];
            foreach (var item in distinct[row])
            {
                ArgumentOutOfRangeException.ThrowIfNegative(item, nameof(baskets));
                counts[item] = counts.GetValueOrDefault(item) + 1;
            }
        }

        var items = counts
            .Where(pair => pair.Value >= minimumCount)
            .OrderBy(pair => pair.Value)
            .ThenBy(pair => pair.Key)
            .Select(pair => pair.Key)
            .ToArray();
        var ranks = items.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        var rows = Array.ConvertAll(items, item => new List<int>(counts[item]));
        for (var row = 0; row < distinct.Length; row++)
        {
            distinct[row] = [.. distinct[row].Where(ranks.ContainsKey).Select(item => ranks[item]).Order()];
            foreach (var rank in distinct[row])
            {
                rows[rank].Add(row);
            }
        }

        return new RankedBaskets(items, distinct, Array.ConvertAll(rows, list => list.ToArray()));
    }

    /// <summary>The baskets that hold the item of a rank.</summary>
    public int[] RowsOf(int rank) => _rows[rank];

    /// <summary>The ranks of a basket that follow <paramref name="rank"/>, which the basket holds; ascending.</summary>
    public ReadOnlySpan<int> After(int row, int rank)
    {
        var basket = _baskets[row];
        return basket.AsSpan(Array.BinarySearch(basket, rank) + 1);
    }
}
