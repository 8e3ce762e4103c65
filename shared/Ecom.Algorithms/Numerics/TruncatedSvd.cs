using System.Buffers;
using Ecom.Algorithms.Recommendation;

namespace Ecom.Algorithms.Numerics;

/// <summary>The largest singular values of a sparse matrix with their right vectors.</summary>
/// <param name="Values">Singular values, descending.</param>
/// <param name="Vectors">Columns × length, row-major: the right vectors as columns, padded by zeros. It may be longer
/// than that.</param>
/// <param name="Length">Distance between rows: the number of values, padded.</param>
internal sealed record TruncatedSvd(float[] Values, float[] Vectors, int Length)
{
    private const int Oversampling = 32;

    // Of products in single precision, as a share of the mean squared length of a column.
    private const double Rounding = 1e-7;

    /// <summary>Randomised subspace iteration.</summary>
    /// <remarks>
    /// Source: Halko, Martinsson and Tropp, "Finding structure with randomness", SIAM Review 2011, algorithm 4.4, on
    /// XᵀX. Cost O(iterations · (entries · rank + columns · rank²) + rank³), memory (2 columns + rows) · rank.
    /// Deterministic for a seed.
    /// </remarks>
    /// <param name="matrix">Rows × columns.</param>
    /// <param name="rank">Values wanted; cut to the smaller side of the matrix.</param>
    /// <param name="iterations">Passes over the matrix; 6 gives three figures and more.</param>
    /// <param name="seed">Seed of the start.</param>
    /// <param name="threads">Threads; they never change the result.</param>
    /// <param name="cancellation">Stops the computation.</param>
    public static TruncatedSvd Of(
        Interactions matrix, int rank, int iterations, int seed, int threads, CancellationToken cancellation)
    {
        var n = matrix.ItemCount;
        rank = Math.Min(rank, Math.Min(n, matrix.UserCount));
        if (rank == 0)
        {
            return new TruncatedSvd([], [], 0);
        }

        var width = Math.Min(rank + Oversampling, n);
        var transposed = matrix.Transpose();
        var random = new Random(seed);
        var basis = new float[(long)n * width];
        for (var at = 0; at < basis.Length; at++)
        {
            basis[at] = random.NextSingle() - 0.5f;
        }

        // Each is some hundred megabytes for large data: made once, used in all passes.
        var image = new float[basis.Length];
        var between = new float[(long)matrix.UserCount * width];
        Orthonormalise(basis, n, width, threads);
        for (var pass = 0; pass < iterations; pass++)
        {
            cancellation.ThrowIfCancellationRequested();
            SparseProduct.Multiply(matrix, basis, width, between, threads);
            SparseProduct.Multiply(transposed, between, width, image, threads);
            if (pass + 1 < iterations)
            {
                (basis, image) = (image, basis);
                Orthonormalise(basis, n, width, threads);
            }
        }

        return Turn(basis, image, n, width, rank, threads);
    }

    // Rayleigh-Ritz: XᵀX within the basis is small; its eigenvectors turn the basis into singular vectors.
    private static TruncatedSvd Turn(float[] basis, float[] image, int n, int width, int rank, int threads)
    {
        var length = Numerics.Vectors.Padded(rank);
        var (values, vectors) = SymmetricEigen.Of(Gram(basis, image, n, width, threads), width);
        var turned = new float[width * length];
        var singular = new float[rank];
        for (var column = 0; column < rank; column++)
        {
            singular[column] = (float)Math.Sqrt(Math.Max(0, values[column]));
            for (var row = 0; row < width; row++)
            {
                turned[(row * length) + column] = (float)vectors[(row * width) + column];
            }
        }

        // The image is done with.
        var right = (long)n * length <= image.Length ? image : new float[(long)n * length];
        Array.Clear(right);
        DenseMatrix.MultiplyAdd(basis, width, turned, length, right, length, n, rank, width, 1, threads);
        return new TruncatedSvd(singular, right, length);
    }

    // Cholesky QR, twice: the second pass takes out what rounding left of the first.
    private static void Orthonormalise(float[] basis, int n, int width, int threads)
    {
        for (var pass = 0; pass < 2; pass++)
        {
            var gram = Gram(basis, basis, n, width, threads);
            var inverse = InverseOfFactor(gram, width);
            DenseMatrix.MultiplyInPlace(basis, n, inverse, width, threads);
        }
    }

    // AᵀB in double precision sums of fixed blocks.
    private static double[] Gram(float[] a, float[] b, int n, int width, int threads)
    {
        const int BlockRows = 2_048;
        var blocks = (n + BlockRows - 1) / BlockRows;
        var parts = new float[blocks][];
        Parallel.For(0, blocks, new ParallelOptions { MaxDegreeOfParallelism = threads }, block =>
        {
            var from = block * BlockRows;
            var rows = Math.Min(BlockRows, n - from);
            var left = ArrayPool<float>.Shared.Rent(width * rows);
            for (var row = 0; row < rows; row++)
            {
                for (var column = 0; column < width; column++)
                {
                    left[(column * rows) + row] = a[((from + row) * width) + column];
                }
            }

            var part = ArrayPool<float>.Shared.Rent(width * width);
            part.AsSpan(0, width * width).Clear();
            DenseMatrix.MultiplyAdd(left, rows, b.AsMemory(from * width), width, part, width, width, width, rows);
            parts[block] = part;
            ArrayPool<float>.Shared.Return(left);
        });

        var sum = new double[width * width];
        foreach (var part in parts)
        {
            for (var at = 0; at < sum.Length; at++)
            {
                sum[at] += part[at];
            }

            ArrayPool<float>.Shared.Return(part);
        }

        return sum;
    }

    // The inverse of Lᵀ where gram = L Lᵀ, so that basis · inverse has orthonormal columns.
    private static float[] InverseOfFactor(double[] gram, int width)
    {
        var trace = 0.0;
        for (var at = 0; at < width; at++)
        {
            trace += gram[(at * width) + at];
        }

        // What depends on the columns before it, up to rounding, is no direction of its own: it becomes zero.
        var isDependent = new bool[width];
        var factor = new double[width * width];
        for (var row = 0; row < width; row++)
        {
            for (var column = 0; column <= row; column++)
            {
                if (isDependent[column])
                {
                    continue;
                }

                var rest = gram[(row * width) + column];
                for (var at = 0; at < column; at++)
                {
                    rest -= factor[(row * width) + at] * factor[(column * width) + at];
                }

                isDependent[row] = column == row && rest <= trace * Rounding / width;
                factor[(row * width) + column] = column < row ? rest / factor[(column * width) + column]
                    : isDependent[row] ? 0
                    : Math.Sqrt(rest);
            }
        }

        var inverse = new double[width * width];
        for (var column = 0; column < width; column++)
        {
            for (var row = column; row < width; row++)
            {
                var value = row == column ? 1.0 : 0;
                for (var at = column; at < row; at++)
                {
                    value -= factor[(row * width) + at] * inverse[(at * width) + column];
                }

                inverse[(row * width) + column] = isDependent[row] ? 0 : value / factor[(row * width) + row];
            }
        }

        var transposed = new float[width * width];
        for (var row = 0; row < width; row++)
        {
            for (var column = 0; column < width; column++)
            {
                transposed[(column * width) + row] = (float)inverse[(row * width) + column];
            }
        }

        return transposed;
    }
}
