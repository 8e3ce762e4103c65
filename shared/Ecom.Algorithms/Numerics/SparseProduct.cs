using Ecom.Algorithms.Recommendation;

namespace Ecom.Algorithms.Numerics;

/// <summary>Sparse times dense, row-major.</summary>
internal static class SparseProduct
{
    /// <summary>matrix[m × n] · dense[n × width]. O(entries · width).</summary>
    public static unsafe float[] Multiply(Interactions matrix, float[] dense, int width, int threads)
    {
        if (width % Vectors.Lanes != 0)
        {
            throw new ArgumentException($"The width must be a multiple of {Vectors.Lanes}.", nameof(width));
        }

        var result = new float[(long)matrix.UserCount * width];
        Parallel.For(0, matrix.UserCount, new ParallelOptions { MaxDegreeOfParallelism = threads }, row =>
        {
            var columns = matrix.ItemsOf(row);
            var weights = matrix.WeightsOf(row);
            fixed (float* from = dense, to = result)
            {
                for (var at = 0; at < columns.Length; at++)
                {
                    Vectors.AddScaled(
                        from + ((nint)columns[at] * width), weights[at], to + ((nint)row * width), width);
                }
            }
        });
        return result;
    }
}
