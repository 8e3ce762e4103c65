using System.Numerics.Tensors;

namespace Ecom.Algorithms.Numerics;

/// <summary>Solves A x = b for a symmetric positive definite A by A = L Lᵀ, in place, row-major, single
/// precision.</summary>
/// <remarks>n³/6 multiply-adds to factor, n² to solve. Golub and Van Loan, "Matrix Computations", section
/// 4.2.</remarks>
internal static class Cholesky
{
    /// <summary>Replaces the lower triangle of <paramref name="matrix"/> by L.</summary>
    /// <exception cref="ArithmeticException">The matrix is not positive definite.</exception>
    public static void Factor(Span<float> matrix, int n)
    {
        for (var row = 0; row < n; row++)
        {
            var current = matrix.Slice(row * n, n);
            for (var column = 0; column <= row; column++)
            {
                var above = matrix.Slice(column * n, column);
                var rest = current[column] - TensorPrimitives.Dot<float>(current[..column], above);
                if (column < row)
                {
                    current[column] = rest / matrix[(column * n) + column];
                }
                else if (rest > 0)
                {
                    current[column] = MathF.Sqrt(rest);
                }
                else
                {
                    throw new ArithmeticException($"Not positive definite at row {row}.");
                }
            }
        }
    }

    /// <summary>Replaces <paramref name="b"/> by the solution, given L from <see cref="Factor"/>.</summary>
    public static void Solve(ReadOnlySpan<float> factor, int n, Span<float> b)
    {
        for (var row = 0; row < n; row++)
        {
            var known = TensorPrimitives.Dot<float>(factor.Slice(row * n, row), b[..row]);
            b[row] = (b[row] - known) / factor[(row * n) + row];
        }

        for (var row = n - 1; row >= 0; row--)
        {
            var value = b[row] / factor[(row * n) + row];
            b[row] = value;
            TensorPrimitives.MultiplyAdd(factor.Slice(row * n, row), -value, b[..row], b[..row]);
        }
    }
}
