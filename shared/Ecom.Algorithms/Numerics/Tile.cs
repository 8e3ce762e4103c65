using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Ecom.Algorithms.Numerics;

/// <summary>The innermost loop of every dense product: a tile of C += A · B held in registers.</summary>
/// <remarks>
/// 8 × 32 single-precision sums are sixteen 512-bit registers; with 256-bit hardware the runtime splits each in two.
/// Source of the scheme: Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", TOMS 2008.
/// </remarks>
internal static unsafe class Tile
{
    /// <summary>Rows of a tile.</summary>
    public const int Rows = 8;

    /// <summary>Columns of a tile.</summary>
    public const int Columns = 32;

    /// <summary>C[8 × 32] += factor · A[8 × depth] · B[depth × 32].</summary>
    /// <param name="a">A(i, p) lies at a[i · rowStep + p · columnStep].</param>
    /// <param name="rowStep">Distance between rows of A.</param>
    /// <param name="columnStep">Distance between columns of A.</param>
    /// <param name="b">Rows of 32 numbers, <paramref name="bStep"/> apart.</param>
    /// <param name="bStep">Distance between rows of B.</param>
    /// <param name="c">Rows of 32 numbers, <paramref name="cStep"/> apart.</param>
    /// <param name="cStep">Distance between rows of C.</param>
    /// <param name="depth">Inner length.</param>
    /// <param name="factor">1 adds, -1 subtracts.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyAdd(
        float* a, nint rowStep, nint columnStep, float* b, nint bStep, float* c, nint cStep, int depth, float factor)
    {
        Vector512<float> c00 = default, c01 = default, c10 = default, c11 = default;
        Vector512<float> c20 = default, c21 = default, c30 = default, c31 = default;
        Vector512<float> c40 = default, c41 = default, c50 = default, c51 = default;
        Vector512<float> c60 = default, c61 = default, c70 = default, c71 = default;
        float* upper = a + (4 * rowStep);
        for (var p = 0; p < depth; p++)
        {
            var b0 = Vector512.Load(b);
            var b1 = Vector512.Load(b + 16);
            var a0 = Vector512.Create(a[0]);
            c00 = Vector512.FusedMultiplyAdd(a0, b0, c00);
            c01 = Vector512.FusedMultiplyAdd(a0, b1, c01);
            var a1 = Vector512.Create(a[rowStep]);
            c10 = Vector512.FusedMultiplyAdd(a1, b0, c10);
            c11 = Vector512.FusedMultiplyAdd(a1, b1, c11);
            var a2 = Vector512.Create(a[2 * rowStep]);
            c20 = Vector512.FusedMultiplyAdd(a2, b0, c20);
            c21 = Vector512.FusedMultiplyAdd(a2, b1, c21);
            var a3 = Vector512.Create(a[3 * rowStep]);
            c30 = Vector512.FusedMultiplyAdd(a3, b0, c30);
            c31 = Vector512.FusedMultiplyAdd(a3, b1, c31);
            var a4 = Vector512.Create(upper[0]);
            c40 = Vector512.FusedMultiplyAdd(a4, b0, c40);
            c41 = Vector512.FusedMultiplyAdd(a4, b1, c41);
            var a5 = Vector512.Create(upper[rowStep]);
            c50 = Vector512.FusedMultiplyAdd(a5, b0, c50);
            c51 = Vector512.FusedMultiplyAdd(a5, b1, c51);
            var a6 = Vector512.Create(upper[2 * rowStep]);
            c60 = Vector512.FusedMultiplyAdd(a6, b0, c60);
            c61 = Vector512.FusedMultiplyAdd(a6, b1, c61);
            var a7 = Vector512.Create(upper[3 * rowStep]);
            c70 = Vector512.FusedMultiplyAdd(a7, b0, c70);
            c71 = Vector512.FusedMultiplyAdd(a7, b1, c71);
            a += columnStep;
            upper += columnStep;
            b += bStep;
        }

        Add(c, c00, c01, factor);
        Add(c + cStep, c10, c11, factor);
        Add(c + (2 * cStep), c20, c21, factor);
        Add(c + (3 * cStep), c30, c31, factor);
        Add(c + (4 * cStep), c40, c41, factor);
        Add(c + (5 * cStep), c50, c51, factor);
        Add(c + (6 * cStep), c60, c61, factor);
        Add(c + (7 * cStep), c70, c71, factor);
    }

    /// <summary>One row of the same: C[1 × 32] += factor · A[1 × depth] · B[depth × 32].</summary>
    public static void MultiplyAddRow(
        float* a, nint columnStep, float* b, nint bStep, float* c, int depth, float factor)
    {
        Vector512<float> c0 = default, c1 = default;
        for (var p = 0; p < depth; p++)
        {
            var a0 = Vector512.Create(*a);
            c0 = Vector512.FusedMultiplyAdd(a0, Vector512.Load(b), c0);
            c1 = Vector512.FusedMultiplyAdd(a0, Vector512.Load(b + 16), c1);
            a += columnStep;
            b += bStep;
        }

        Add(c, c0, c1, factor);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* c, Vector512<float> low, Vector512<float> high, float factor)
    {
        Vector512.Store(Vector512.Load(c) + (low * factor), c);
        Vector512.Store(Vector512.Load(c + 16) + (high * factor), c + 16);
    }
}
