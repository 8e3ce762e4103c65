using System.Numerics;
using System.Runtime.InteropServices;

namespace Ecom.Algorithms.Recommendation;

/// <summary>The inner loops of stochastic gradient descent on pairs of vectors, vectorised.</summary>
/// <remarks>Every element is computed by the same operations in the same order on every machine: no sums.</remarks>
internal static class GradientStep
{
    /// <summary>
    /// Both at once, each from the other as it was: left = keep · left + step · right, right = keep · right + step ·
    /// left.
    /// </summary>
    public static void Pair(Span<float> left, Span<float> right, float step, float keep)
    {
        var wide = Vector<float>.Count;
        var lefts = MemoryMarshal.Cast<float, Vector<float>>(left);
        var rights = MemoryMarshal.Cast<float, Vector<float>>(right);
        for (var at = 0; at < lefts.Length; at++)
        {
            var (l, r) = (lefts[at], rights[at]);
            lefts[at] = (keep * l) + (step * r);
            rights[at] = (keep * r) + (step * l);
        }

        for (var at = lefts.Length * wide; at < left.Length; at++)
        {
            var (l, r) = (left[at], right[at]);
            left[at] = (keep * l) + (step * r);
            right[at] = (keep * r) + (step * l);
        }
    }

    /// <summary>SVD++: the user's vector is own + shared; item, own and shared move at once.</summary>
    public static void Triple(Span<float> own, Span<float> shared, Span<float> item, float step, float keep)
    {
        var wide = Vector<float>.Count;
        var owns = MemoryMarshal.Cast<float, Vector<float>>(own);
        var shareds = MemoryMarshal.Cast<float, Vector<float>>(shared);
        var items = MemoryMarshal.Cast<float, Vector<float>>(item);
        for (var at = 0; at < owns.Length; at++)
        {
            var (o, s, q) = (owns[at], shareds[at], items[at]);
            owns[at] = (keep * o) + (step * q);
            shareds[at] = (keep * s) + (step * q);
            items[at] = (keep * q) + (step * (o + s));
        }

        for (var at = owns.Length * wide; at < own.Length; at++)
        {
            var (o, s, q) = (own[at], shared[at], item[at]);
            own[at] = (keep * o) + (step * q);
            shared[at] = (keep * s) + (step * q);
            item[at] = (keep * q) + (step * (o + s));
        }
    }
}
