using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Ecom.Algorithms.Numerics;

/// <summary>
/// Solves A x = b for a symmetric positive definite A by A = Uᵀ U, in place, row-major, single precision.
/// </summary>
/// <remarks>
/// n³/6 multiply-adds to factor, n² to solve. Right-looking, four rows of U at a time, so that a number of the rest is
/// loaded and stored once for four updates: Golub and Van Loan, "Matrix Computations", section 4.2.
/// </remarks>
internal static unsafe class Cholesky
{
    private const int Block = 4;

    /// <summary>Replaces the upper triangle of <paramref name="matrix"/> by U; what lies below it is neither read nor
    /// kept.</summary>
    /// <param name="matrix">n × n.</param>
    /// <param name="n">A multiple of 16.</param>
    /// <exception cref="ArithmeticException">The matrix is not positive definite.</exception>
    public static void Factor(Span<float> matrix, int n)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(n % Vectors.Lanes, 0, nameof(n));
        fixed (float* a = matrix)
        {
            for (var first = 0; first < n; first += Block)
            {
                FactorRows(a, n, first);
                var u = a + ((nint)first * n);
                for (var row = first + Block; row < n; row++)
                {
                    Update(u, n, row, a + ((nint)row * n));
                }
            }
        }
    }

    /// <summary>Replaces <paramref name="b"/> by the solution, given U from <see cref="Factor"/>.</summary>
    public static void Solve(ReadOnlySpan<float> factor, int n, Span<float> b)
    {
        for (var row = 0; row < n; row++)
        {
            var value = b[row] / factor[(row * n) + row];
            b[row] = value;
            var rest = b[(row + 1)..n];
            TensorPrimitives.MultiplyAdd(factor.Slice((row * n) + row + 1, rest.Length), -value, rest, rest);
        }

        for (var row = n - 1; row >= 0; row--)
        {
            var rest = b[(row + 1)..n];
            var known = TensorPrimitives.Dot<float>(factor.Slice((row * n) + row + 1, rest.Length), rest);
            b[row] = (b[row] - known) / factor[(row * n) + row];
        }
    }

    // Four rows of U: each is reduced by those above it, then scaled.
    private static void FactorRows(float* a, int n, int first)
    {
        for (var row = first; row < first + Block; row++)
        {
            var current = a + ((nint)row * n);
            var start = Aligned(row);
            for (var above = first; above < row; above++)
            {
                var done = a + ((nint)above * n);
                Vectors.AddScaled(done + start, -done[row], current + start, n - start);
            }

            var pivot = current[row];
            if (!(pivot > 0))
            {
                throw new ArithmeticException($"Not positive definite at row {row}.");
            }

            var scale = Vector512.Create(1 / MathF.Sqrt(pivot));
            for (var at = start; at < n; at += Vectors.Lanes)
            {
                Vector512.Store(Vector512.Load(current + at) * scale, current + at);
            }
        }
    }

    // target −= Σ U(k, row) · U(k, ·) over the four rows at u, from the diagonal on.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Update(float* u, int n, int row, float* target)
    {
        float* u0 = u, u1 = u0 + n, u2 = u1 + n, u3 = u2 + n;
        var (f0, f1) = (Vector512.Create(-u0[row]), Vector512.Create(-u1[row]));
        var (f2, f3) = (Vector512.Create(-u2[row]), Vector512.Create(-u3[row]));
        for (var at = Aligned(row); at < n; at += Vectors.Lanes)
        {
            var value = Vector512.FusedMultiplyAdd(f0, Vector512.Load(u0 + at), Vector512.Load(target + at));
            value = Vector512.FusedMultiplyAdd(f1, Vector512.Load(u1 + at), value);
            value = Vector512.FusedMultiplyAdd(f2, Vector512.Load(u2 + at), value);
            Vector512.Store(Vector512.FusedMultiplyAdd(f3, Vector512.Load(u3 + at), value), target + at);
        }
    }

    private static int Aligned(int column) => column / Vectors.Lanes * Vectors.Lanes;
}
