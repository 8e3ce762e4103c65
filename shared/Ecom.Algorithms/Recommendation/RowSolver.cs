using System.Numerics.Tensors;
using Ecom.Algorithms.Numerics;

namespace Ecom.Algorithms.Recommendation;

/// <summary>
/// Solves one row of implicit ALS: (YᵀY + λI + Σ (c − 1) y yᵀ) x = Σ c y over the row's entries, c = 1 + alpha ·
/// weight.
/// </summary>
/// <remarks>Holds scratch space: one instance a thread.</remarks>
internal sealed class RowSolver(int factors, float alpha)
{
    private readonly float[] _matrix = new float[factors * factors];
    private readonly float[] _residual = new float[factors];
    private readonly float[] _direction = new float[factors];
    private readonly float[] _image = new float[factors];

    /// <summary>The factored matrix of the last exact solution: lower triangle, row-major.</summary>
    public ReadOnlySpan<float> Factor => _matrix;

    /// <summary>Exact, by Cholesky: O(entries · factors² / 2 + factors³ / 6).</summary>
    public void Solve(
        ReadOnlySpan<float> others,
        ReadOnlySpan<float> gram,
        ReadOnlySpan<int> columns,
        ReadOnlySpan<float> weights,
        Span<float> x)
    {
        gram.CopyTo(_matrix);
        x.Clear();
        for (var entry = 0; entry < columns.Length; entry++)
        {
            var y = others.Slice(columns[entry] * factors, factors);
            var extra = alpha * weights[entry];
            TensorPrimitives.MultiplyAdd(y, 1 + extra, x, x);
            for (var row = 0; row < factors; row++)
            {
                var target = _matrix.AsSpan(row * factors, row + 1);
                TensorPrimitives.MultiplyAdd(y[..(row + 1)], extra * y[row], target, target);
            }
        }

        Cholesky.Factor(_matrix, factors);
        Cholesky.Solve(_matrix, factors, x);
    }

    /// <summary>A few conjugate gradient steps from the current <paramref name="x"/>: O(steps · (entries · factors +
    /// factors²)).</summary>
    /// <remarks>Takács, Pilászy and Tikk, "Applications of the conjugate gradient method for implicit feedback", RecSys
    /// 2011.</remarks>
    public void Improve(
        ReadOnlySpan<float> others,
        ReadOnlySpan<float> gram,
        ReadOnlySpan<int> columns,
        ReadOnlySpan<float> weights,
        Span<float> x,
        int steps)
    {
        // residual = Σ (c − (c − 1) yᵀx) y − gram · x
        Multiply(gram, x, _residual);
        TensorPrimitives.Negate(_residual, _residual);
        for (var entry = 0; entry < columns.Length; entry++)
        {
            var y = others.Slice(columns[entry] * factors, factors);
            var extra = alpha * weights[entry];
            TensorPrimitives.MultiplyAdd(y, 1 + extra - (extra * TensorPrimitives.Dot(y, x)), _residual, _residual);
        }

        _residual.CopyTo(_direction, 0);
        var length = TensorPrimitives.SumOfSquares<float>(_residual);
        for (var step = 0; step < steps && length > 1e-20f; step++)
        {
            Multiply(gram, _direction, _image);
            for (var entry = 0; entry < columns.Length; entry++)
            {
                var y = others.Slice(columns[entry] * factors, factors);
                var extra = alpha * weights[entry] * TensorPrimitives.Dot<float>(y, _direction);
                TensorPrimitives.MultiplyAdd(y, extra, _image, _image);
            }

            var pace = length / TensorPrimitives.Dot<float>(_direction, _image);
            TensorPrimitives.MultiplyAdd(_direction, pace, x, x);
            TensorPrimitives.MultiplyAdd(_image, -pace, _residual, _residual);
            var next = TensorPrimitives.SumOfSquares<float>(_residual);
            TensorPrimitives.MultiplyAdd(_direction, next / length, _residual, _direction);
            length = next;
        }
    }

    /// <summary>Which history item carries most of the score of <paramref name="item"/>, after
    /// <see cref="Solve"/>.</summary>
    /// <remarks>
    /// The score is Σ c · yᵢᵀ W⁻¹ yⱼ over the history, an exact sum of one part an item (Hu et al., section 5).
    /// </remarks>
    /// <returns>The item, or -1 when no part is positive.</returns>
    public int Strongest(ReadOnlySpan<float> others, int item, ReadOnlySpan<int> history)
    {
        others.Slice(item * factors, factors).CopyTo(_direction);
        Cholesky.Solve(_matrix, factors, _direction);
        var (because, strongest) = (-1, 0f);
        foreach (var bought in history)
        {
            // Every history item has the same weight, so the confidence does not change the order.
            var part = TensorPrimitives.Dot(others.Slice(bought * factors, factors), _direction);
            if (part > strongest)
            {
                (because, strongest) = (bought, part);
            }
        }

        return because;
    }

    private void Multiply(ReadOnlySpan<float> symmetric, ReadOnlySpan<float> vector, Span<float> result)
    {
        for (var row = 0; row < factors; row++)
        {
            result[row] = TensorPrimitives.Dot(symmetric.Slice(row * factors, factors), vector);
        }
    }
}
