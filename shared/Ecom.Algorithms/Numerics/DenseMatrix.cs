using System.Buffers;

namespace Ecom.Algorithms.Numerics;

/// <summary>Products and inverses of dense single-precision matrices, row-major, blocked and in parallel.</summary>
/// <remarks>Deterministic: each number is summed in one order, whatever the number of threads.</remarks>
internal static class DenseMatrix
{
    private const int RowBlock = 64;
    private const int DepthBlock = 256;
    private const int PivotBlock = 128;

    /// <summary>c[m × n] += factor · a[m × k] · b[k × n]. 2 m n k operations.</summary>
    public static void MultiplyAdd(
        Memory<float> a, int aStep, Memory<float> b, int bStep, Memory<float> c, int cStep, int m, int n, int k,
        float factor = 1, int threads = 1)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, threads) };
        for (var first = 0; first < k; first += DepthBlock)
        {
            var depth = Math.Min(DepthBlock, k - first);
            using var packed = PackedMatrix.Of(b.Span[(first * bStep)..], bStep, depth, n);
            var from = first;
            Parallel.For(0, (m + RowBlock - 1) / RowBlock, parallel, block =>
            {
                var row = block * RowBlock;
                packed.MultiplyAdd(
                    a.Span[((row * aStep) + from)..],
                    aStep,
                    c.Span[(row * cStep)..],
                    cStep,
                    Math.Min(RowBlock, m - row),
                    0,
                    packed.PanelCount,
                    factor);
            });
        }
    }

    /// <summary>a[m × k] = a[m × k] · b[k × k], by blocks of rows, without a copy of a. 2 m k² operations.</summary>
    public static void MultiplyInPlace(float[] a, int m, float[] b, int k, int threads)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, threads) };
        PackedMatrix[] packed = [.. Enumerable.Range(0, (k + DepthBlock - 1) / DepthBlock).Select(block =>
            PackedMatrix.Of(b.AsSpan(block * DepthBlock * k), k, Math.Min(DepthBlock, k - (block * DepthBlock)), k))];
        Parallel.For(0, (m + RowBlock - 1) / RowBlock, parallel, block =>
        {
            var rows = Math.Min(RowBlock, m - (block * RowBlock));
            var own = a.AsSpan(block * RowBlock * k, rows * k);
            var rented = ArrayPool<float>.Shared.Rent(own.Length);
            var product = rented.AsSpan(0, own.Length);
            product.Clear();
            for (var part = 0; part < packed.Length; part++)
            {
                packed[part].MultiplyAdd(
                    own[(part * DepthBlock)..], k, product, k, rows, 0, packed[part].PanelCount);
            }

            product.CopyTo(own);
            ArrayPool<float>.Shared.Return(rented);
        });
        foreach (var part in packed)
        {
            part.Dispose();
        }
    }

    /// <summary>Replaces a symmetric positive definite matrix by its inverse. 2 n³ operations.</summary>
    /// <remarks>
    /// Blocked Gauss-Jordan elimination without pivoting, which is stable for such matrices: Golub and Van Loan,
    /// "Matrix Computations", section 4.2. Only a block of 128 columns and one of 128 rows are needed beside the
    /// matrix.
    /// </remarks>
    /// <exception cref="ArithmeticException">The matrix is not positive definite.</exception>
    public static void Invert(float[] matrix, int n, int threads, CancellationToken cancellation = default)
    {
        for (var first = 0; first < n; first += PivotBlock)
        {
            cancellation.ThrowIfCancellationRequested();
            EliminateBlock(matrix, n, first, Math.Min(PivotBlock, n - first), threads);
        }
    }

    // With P the inverse of the pivot block: rows R = P A(k, ·), others A(i, ·) −= A(i, k) R, column
    // A(i, k) = −A(i, k) P.
    private static void EliminateBlock(float[] matrix, int n, int first, int width, int threads)
    {
        var pivot = new float[width * width];
        var column = new float[n * width];
        for (var row = 0; row < n; row++)
        {
            var part = matrix.AsSpan((row * n) + first, width);
            part.CopyTo(column.AsSpan(row * width));
            if (row >= first && row < first + width)
            {
                part.CopyTo(pivot.AsSpan((row - first) * width));
                column.AsSpan(row * width, width).Clear();
            }

            part.Clear();
        }

        InvertSmall(pivot, width);
        var rows = new float[width * n];
        MultiplyAdd(pivot, width, matrix.AsMemory(first * n), n, rows, n, width, n, width, 1, threads);
        for (var row = 0; row < width; row++)
        {
            pivot.AsSpan(row * width, width).CopyTo(rows.AsSpan((row * n) + first));
        }

        // Rows of the pivot block have a zero column, so that the product leaves them alone.
        MultiplyAdd(column, width, rows, n, matrix, n, n, n, width, -1, threads);
        rows.CopyTo(matrix.AsSpan(first * n));
    }

    private static void InvertSmall(float[] block, int width)
    {
        // Double precision: the block is small, and its errors would spread over the whole matrix.
        var values = Array.ConvertAll(block, value => (double)value);
        for (var pivot = 0; pivot < width; pivot++)
        {
            var diagonal = values[(pivot * width) + pivot];
            if (!(diagonal > 0))
            {
                throw new ArithmeticException($"Not positive definite: pivot {diagonal}.");
            }

            var inverse = 1 / diagonal;
            values[(pivot * width) + pivot] = 1;
            for (var at = 0; at < width; at++)
            {
                values[(pivot * width) + at] *= inverse;
            }

            for (var row = 0; row < width; row++)
            {
                var factor = values[(row * width) + pivot];
                if (row == pivot || factor == 0)
                {
                    continue;
                }

                values[(row * width) + pivot] = 0;
                for (var at = 0; at < width; at++)
                {
                    values[(row * width) + at] -= factor * values[(pivot * width) + at];
                }
            }
        }

        for (var at = 0; at < block.Length; at++)
        {
            block[at] = (float)values[at];
        }
    }
}
