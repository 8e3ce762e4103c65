using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Ecom.Algorithms.Recommendation;

/// <summary>Selects the best of many scores: O(n + c k) for c candidates above the worst kept, of which there are about
/// k log(n / k) when scores lie in no order.</summary>
internal static class TopItems
{
    private const int Lanes = 16;

    /// <summary>The best items of a model for one history, by all scores.</summary>
    public static ScoredItem[] Of(IRecommender model, History history, int count, ReadOnlySpan<int> exclude)
    {
        var scores = new float[model.ItemIds.Count];
        model.Score(history, scores);
        return Select(scores, count, floor: 0, exclude);
    }

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

        var best = new BestItems(Math.Min(count, scores.Length), floor, scores.Length, exclude);
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
}
