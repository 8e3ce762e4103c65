using System.Collections;

namespace Ecom.Algorithms.Recommendation;

/// <summary>The best items so far, best first, while items come in ascending order.</summary>
internal struct BestItems
{
    private readonly ScoredItem[] _items;
    private readonly BitArray? _excluded;
    private int _count;

    /// <summary>Begins with none.</summary>
    /// <param name="room">At most so many are kept.</param>
    /// <param name="floor">Only scores strictly greater are kept.</param>
    /// <param name="itemCount">How many items there are.</param>
    /// <param name="exclude">Items never to keep.</param>
    public BestItems(int room, float floor, int itemCount, ReadOnlySpan<int> exclude)
    {
        _items = new ScoredItem[room];
        _excluded = Excluded(exclude, itemCount);
        Threshold = floor;
    }

    /// <summary>What a score must exceed to be kept.</summary>
    public float Threshold { get; private set; }

    // Of equal scores the earlier item is in and stays before.
    public void Offer(int item, float score)
    {
        if (!(score > Threshold) || _excluded?[item] == true)
        {
            return;
        }

        var (from, to) = (0, _count);
        while (from < to)
        {
            var middle = (from + to) / 2;
            (from, to) = _items[middle].Score >= score ? (middle + 1, to) : (from, middle);
        }

        _count = Math.Min(_count + 1, _items.Length);
        _items.AsSpan(from, _count - from - 1).CopyTo(_items.AsSpan(from + 1));
        _items[from] = new ScoredItem(item, score);
        if (_count == _items.Length)
        {
            Threshold = _items[^1].Score;
        }
    }

    public readonly ScoredItem[] ToArray() => _items[.._count];

    private static BitArray? Excluded(ReadOnlySpan<int> exclude, int items)
    {
        if (exclude.IsEmpty)
        {
            return null;
        }

        var excluded = new BitArray(items);
        foreach (var item in exclude)
        {
            if ((uint)item < (uint)items)
            {
                excluded[item] = true;
            }
        }

        return excluded;
    }
}
