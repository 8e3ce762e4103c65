using System.Collections;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Ecom.Algorithms.Recommendation;

/// <summary>Selects the best of many scores: O(n + c k) for c candidates above the worst kept, of which there are about
/// k log(n / k) when scores lie in no order.</summary>
internal static class TopItems
{
    private const int Lanes = 16;

    /// <summary>The <paramref name="count"/> best items with a score above <paramref name="floor"/>, ties by ascending
    /// item.</summary>
    /// <param name="scores">Score of each item; NaN is never selected.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="floor">Only scores strictly greater are selected.</param>
    /// <param name="exclude">Items never to select.</param>
    public static ScoredItem[] Select(ReadOnlySpan<float> scores, int count, float floor, ReadOnlySpan<int> exclude)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count == 0)
        {
            return [];
        }

        var best = new Best(Math.Min(count, scores.Length), floor, Excluded(exclude, scores.Length));
        var item = 0;
        for (; item + Lanes <= scores.Length; item += Lanes)
        {
            // Sixteen at a time: nearly all scores are below the worst that is kept.
            var lanes = Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(scores), (nuint)item);
            var above = Vector512.GreaterThan(lanes, Vector512.Create(best.Threshold)).ExtractMostSignificantBits();
            for (; above != 0; above &= above - 1)
            {
                var at = item + BitOperations.TrailingZeroCount(above);
                best.Offer(at, scores[at]);
            }
        }

        for (; item < scores.Length; item++)
        {
            best.Offer(item, scores[item]);
        }

        return best.ToArray();
    }

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

    /// <summary>The best so far, best first.</summary>
    private struct Best(int room, float floor, BitArray? excluded)
    {
        private readonly ScoredItem[] _items = new ScoredItem[room];
        private int _count;

        /// <summary>What a score must exceed to be kept.</summary>
        public float Threshold { get; private set; } = floor;

        // Items come in ascending order: of equal scores the earlier one is in and stays before.
        public void Offer(int item, float score)
        {
            if (!(score > Threshold) || excluded?[item] == true)
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
    }
}
