using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Ecom.Algorithms.Numerics;

/// <summary>Products of a few short vectors that lie one after the other, their length a multiple of 16.</summary>
internal static unsafe class Vectors
{
    /// <summary>Numbers of one register.</summary>
    public const int Lanes = 16;

    /// <summary>The length to which vectors are padded by zeros.</summary>
    public static int Padded(int length) => (length + Lanes - 1) / Lanes * Lanes;

    /// <summary>dots[r] = rows[r] · x for each of <paramref name="count"/> rows.</summary>
    public static void Dots(float* rows, int count, int length, float* x, float* dots)
    {
        var row = 0;
        for (; row + 4 <= count; row += 4)
        {
            Vector512<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
            var r0 = rows + ((nint)row * length);
            var r1 = r0 + length;
            var r2 = r1 + length;
            var r3 = r2 + length;
            for (var at = 0; at < length; at += Lanes)
            {
                var value = Vector512.Load(x + at);
                sum0 = Vector512.FusedMultiplyAdd(Vector512.Load(r0 + at), value, sum0);
                sum1 = Vector512.FusedMultiplyAdd(Vector512.Load(r1 + at), value, sum1);
                sum2 = Vector512.FusedMultiplyAdd(Vector512.Load(r2 + at), value, sum2);
                sum3 = Vector512.FusedMultiplyAdd(Vector512.Load(r3 + at), value, sum3);
            }

            dots[row] = Vector512.Sum(sum0);
            dots[row + 1] = Vector512.Sum(sum1);
            dots[row + 2] = Vector512.Sum(sum2);
            dots[row + 3] = Vector512.Sum(sum3);
        }

        for (; row < count; row++)
        {
            dots[row] = Dot(rows + ((nint)row * length), x, length);
        }
    }

    /// <summary>sum += Σ factors[r] · rows[r].</summary>
    public static void AddRows(float* rows, int count, int length, float* factors, float* sum)
    {
        var at = 0;
        for (; at + (4 * Lanes) <= length; at += 4 * Lanes)
        {
            var (s0, s1) = (Vector512.Load(sum + at), Vector512.Load(sum + at + 16));
            var (s2, s3) = (Vector512.Load(sum + at + 32), Vector512.Load(sum + at + 48));
            var row = rows + at;
            for (var r = 0; r < count; r++, row += length)
            {
                var factor = Vector512.Create(factors[r]);
                s0 = Vector512.FusedMultiplyAdd(factor, Vector512.Load(row), s0);
                s1 = Vector512.FusedMultiplyAdd(factor, Vector512.Load(row + 16), s1);
                s2 = Vector512.FusedMultiplyAdd(factor, Vector512.Load(row + 32), s2);
                s3 = Vector512.FusedMultiplyAdd(factor, Vector512.Load(row + 48), s3);
            }

            Vector512.Store(s0, sum + at);
            Vector512.Store(s1, sum + at + 16);
            Vector512.Store(s2, sum + at + 32);
            Vector512.Store(s3, sum + at + 48);
        }

        for (; at < length; at += Lanes)
        {
            var s0 = Vector512.Load(sum + at);
            var row = rows + at;
            for (var r = 0; r < count; r++, row += length)
            {
                s0 = Vector512.FusedMultiplyAdd(Vector512.Create(factors[r]), Vector512.Load(row), s0);
            }

            Vector512.Store(s0, sum + at);
        }
    }

    /// <summary>x · y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(float* x, float* y, int length)
    {
        Vector512<float> sum = default;
        for (var at = 0; at < length; at += Lanes)
        {
            sum = Vector512.FusedMultiplyAdd(Vector512.Load(x + at), Vector512.Load(y + at), sum);
        }

        return Vector512.Sum(sum);
    }

    /// <summary>y += factor · x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddScaled(float* x, float factor, float* y, int length)
    {
        var scale = Vector512.Create(factor);
        for (var at = 0; at < length; at += Lanes)
        {
            Vector512.Store(Vector512.FusedMultiplyAdd(scale, Vector512.Load(x + at), Vector512.Load(y + at)), y + at);
        }
    }
}
