using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Ecom.Algorithms.Recommendation;

/// <summary>Selects the best of many scores: O(n + k log k) for the usual case of few candidates above the worst
/// kept.</summary>
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

        HashSet<int> excluded = [.. exclude];
        var heap = new PriorityQueue<int, ScoredItem>(WorstFirst.Instance);
        var threshold = floor;
        for (var item = 0; item < scores.Length; item++)
        {
            // Sixteen at a time: nearly all scores are below the worst that is kept.
            if (item + Lanes <= scores.Length
                && !Vector512.GreaterThanAny(
                    Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(scores), (nuint)item),
                    Vector512.Create(threshold)))
            {
                item += Lanes - 1;
                continue;
            }

            // Strictly greater: of equal scores the earlier item is already in.
            if (!(scores[item] > threshold) || excluded.Contains(item))
            {
                continue;
            }

            var candidate = new ScoredItem(item, scores[item]);
            if (heap.Count < count)
            {
                heap.Enqueue(item, candidate);
            }
            else
            {
                heap.DequeueEnqueue(item, candidate);
            }

            if (heap.Count == count)
            {
                heap.TryPeek(out _, out var worst);
                threshold = worst.Score;
            }
        }

        var best = new ScoredItem[heap.Count];
        for (var place = best.Length - 1; place >= 0; place--)
        {
            heap.TryDequeue(out _, out best[place]);
        }

        return best;
    }

    private sealed class WorstFirst : IComparer<ScoredItem>
    {
        public static readonly WorstFirst Instance = new();

        public int Compare(ScoredItem x, ScoredItem y)
        {
            var byScore = x.Score.CompareTo(y.Score);
            return byScore != 0 ? byScore : y.Item.CompareTo(x.Item);
        }
    }
}
