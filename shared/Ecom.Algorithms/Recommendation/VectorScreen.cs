using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Ecom.Algorithms.Numerics;

namespace Ecom.Algorithms.Recommendation;

/// <summary>The items whose vectors have the greatest products with a visitor's, exactly, reading a quarter of the
/// memory: 8-bit copies of the vectors give each product an upper bound, and only items whose bound exceeds the worst
/// that is kept are multiplied in full.</summary>
/// <remarks>
/// <para>The list is bit-equal to that of all products. A product is at most s · (t · q + (t · n + |x|₁) / 2): s and t
/// the steps of the item's and the visitor's rounding, q the product of the rounded numbers, n the greatest sum of
/// rounded magnitudes of an item. Screening by quantised copies is usual in search for nearest neighbours (Johnson,
/// Douze and Jégou, "Billion-scale similarity search with GPUs", 2017), there without the bound.</para>
/// <para>Cost: memory items · length bytes; a list O(items · length) in 8 bits, and about count · log(items / count)
/// full products. Needs AVX2.</para>
/// </remarks>
internal sealed unsafe class VectorScreen
{
    // 32 items are one panel: of each pair of numbers, the pairs of the 32 items lie one after the other.
    private const int PanelItems = 32;
    private const int Magnitude = 127;

    // int sums of 16-bit by 8-bit products must not overflow.
    private const int LongestVector = 512;

    private readonly float[] _vectors;
    private readonly int _length;
    private readonly int _count;
    private readonly sbyte[] _rounded;
    private readonly float[] _steps;
    private readonly float _greatestSum;

    /// <summary>Rounds the vectors.</summary>
    /// <param name="vectors">One vector an item, <paramref name="length"/> apart; kept, not copied.</param>
    /// <param name="length">Numbers a vector, a multiple of 16.</param>
    public VectorScreen(float[] vectors, int length)
    {
        (_vectors, _length, _count) = (vectors, length, vectors.Length / length);
        var panels = (_count + PanelItems - 1) / PanelItems;
        _rounded = GC.AllocateUninitializedArray<sbyte>(panels * PanelItems * length, pinned: true);
        Array.Clear(_rounded);
        _steps = new float[panels * PanelItems];
        for (var item = 0; item < _count; item++)
        {
            _greatestSum = Math.Max(_greatestSum, Round(item));
        }
    }

    /// <summary>Whether this machine has the instructions, and vectors of this length fit.</summary>
    public static bool CanScreen(int length) => Avx2.IsSupported && length <= LongestVector;

    /// <summary>The best items, as <see cref="TopItems.Select"/> gives them for all products with
    /// <paramref name="visitor"/>.</summary>
    /// <param name="visitor">A vector of the items' length, finite. One without a number above 1e-30 in magnitude
    /// counts
    /// as zero: it has no items.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="exclude">Items never to select.</param>
    public ScoredItem[] Best(ReadOnlySpan<float> visitor, int count, ReadOnlySpan<int> exclude)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var step = Math.Abs(TensorPrimitives.MaxMagnitude(visitor)) / short.MaxValue;
        if (count == 0 || _count == 0 || step * short.MaxValue <= 1e-30f)
        {
            return [];
        }

        // The last part is for the rounding of full products themselves.
        var slack = (step * _greatestSum / 2)
            + (TensorPrimitives.SumOfMagnitudes(visitor) * (0.5f + (Magnitude * 1e-5f)));
        var pairs = stackalloc int[_length / 2];
        Round(visitor, step, (short*)pairs);
        var best = new BestItems(Math.Min(count, _count), floor: 0, _count, exclude);
        var sums = stackalloc int[PanelItems];
        fixed (float* vectors = _vectors, steps = _steps, x = visitor)
        fixed (sbyte* rounded = _rounded)
        {
            for (var first = 0; first < _count; first += PanelItems)
            {
                Multiply(rounded + ((nint)first * _length), pairs, sums);
                for (var at = 0; at < PanelItems; at += Vector256<float>.Count)
                {
                    var products = Avx.ConvertToVector256Single(Vector256.Load(sums + at));
                    var bounds = Vector256.Load(steps + first + at) * ((products * step) + Vector256.Create(slack));
                    Offer(ref best, bounds, first + at, vectors, x);
                }
            }
        }

        return best.ToArray();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Offer(ref BestItems best, Vector256<float> bounds, int first, float* vectors, float* x)
    {
        var above = Vector256.GreaterThan(bounds, Vector256.Create(best.Threshold)).ExtractMostSignificantBits();
        for (; above != 0; above &= above - 1)
        {
            var item = first + BitOperations.TrailingZeroCount(above);
            best.Offer(item, Vectors.Dot(vectors + ((nint)item * _length), x, _length));
        }
    }

    private void Multiply(sbyte* panel, int* pairs, int* sums)
    {
        Vector256<int> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        for (var pair = 0; pair < _length / 2; pair++, panel += 2 * PanelItems)
        {
            var both = Vector256.Create(pairs[pair]).AsInt16();
            sum0 += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(panel), both);
            sum1 += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(panel + 16), both);
            sum2 += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(panel + 32), both);
            sum3 += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(panel + 48), both);
        }

        Vector256.Store(sum0, sums);
        Vector256.Store(sum1, sums + 8);
        Vector256.Store(sum2, sums + 16);
        Vector256.Store(sum3, sums + 24);
    }

    private static void Round(ReadOnlySpan<float> visitor, float step, short* rounded)
    {
        for (var at = 0; at < visitor.Length; at++)
        {
            rounded[at] = (short)Math.Clamp(MathF.Round(visitor[at] / step), -short.MaxValue, short.MaxValue);
        }
    }

    // Returns the sum of rounded magnitudes.
    private int Round(int item)
    {
        var vector = _vectors.AsSpan(item * _length, _length);
        var step = Math.Abs(TensorPrimitives.MaxMagnitude<float>(vector)) / Magnitude;
        _steps[item] = step;
        if (step == 0)
        {
            return 0;
        }

        var sum = 0;
        var panel = item / PanelItems * PanelItems * _length;
        for (var at = 0; at < _length; at++)
        {
            var rounded = (sbyte)Math.Clamp(MathF.Round(vector[at] / step), -Magnitude, Magnitude);
            _rounded[panel + (at / 2 * 2 * PanelItems) + (item % PanelItems * 2) + (at % 2)] = rounded;
            sum += Math.Abs(rounded);
        }

        return sum;
    }
}
