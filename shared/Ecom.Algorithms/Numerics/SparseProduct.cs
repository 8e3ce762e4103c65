using System.Numerics.Tensors;
using Ecom.Algorithms.Recommendation;

namespace Ecom.Algorithms.Numerics;

/// <summary>Sparse times dense, row-major.</summary>
internal static class SparseProduct
{
    /// <summary>result[m × width] = matrix[m × n] · dense[n × width]. O(entries · width).</summary>
    public static void Multiply(Interactions matrix, float[] dense, int width, float[] result, int threads)
    {
        Parallel.For(0, matrix.UserCount, new ParallelOptions { MaxDegreeOfParallelism = threads }, row =>
        {
            var columns = matrix.ItemsOf(row);
            var weights = matrix.WeightsOf(row);
            var sum = result.AsSpan(row * width, width);
            sum.Clear();
            for (var at = 0; at < columns.Length; at++)
            {
                TensorPrimitives.MultiplyAdd(dense.AsSpan(columns[at] * width, width), weights[at], sum, sum);
            }
        });
    }
}
