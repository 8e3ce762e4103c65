using System.Numerics.Tensors;
using Ecom.Algorithms.Numerics;

namespace Ecom.Algorithms.Recommendation;

/// <summary>
/// Solves one row of implicit ALS: (α0 YᵀY + Σ w y yᵀ + λ I) x = Σ w y over the row's entries.
/// </summary>
/// <remarks>Holds scratch space: one instance a thread. Vectors are padded to a multiple of 32.</remarks>
internal sealed unsafe class RowSolver(int factors)
{
    private readonly int _length = Padded(factors);
    private readonly float[] _matrix = New(Padded(factors) * Padded(factors));
    private readonly float[] _residual = New(Padded(factors));
    private readonly float[] _direction = New(Padded(factors));
    private readonly float[] _image = New(Padded(factors));
    private float[] _rows = New(64 * Padded(factors));
    private float[] _dots = New(64);
    private float[] _scaled = [];

    /// <summary>Distance between vectors.</summary>
    public static int Padded(int factors) => (factors + Tile.Columns - 1) / Tile.Columns * Tile.Columns;

    /// <summary>Exact, by Cholesky: O(entries · factors² + factors³ / 6).</summary>
    /// <param name="others">The vectors of the other side.</param>
    /// <param name="gram">α0 YᵀY, full.</param>
    /// <param name="regularisation">λ of this row.</param>
    /// <param name="columns">The row's entries.</param>
    /// <param name="weights">Their weights.</param>
    /// <param name="x">The solution.</param>
    public void Solve(
        float[] others,
        float[] gram,
        float regularisation,
        ReadOnlySpan<int> columns,
        ReadOnlySpan<float> weights,
        Span<float> x)
    {
        Factor(others, gram, regularisation, columns, weights);
        x.Clear();
        fixed (float* rows = _rows, target = x)
        fixed (float* factor = weights)
        {
            Vectors.AddRows(rows, columns.Length, _length, factor, target);
        }

        Cholesky.Solve(_matrix, _length, x);
    }

    /// <summary>x = W⁻¹ x with the matrix of the last <see cref="Solve"/>.</summary>
    public void SolveAgain(Span<float> x) => Cholesky.Solve(_matrix, _length, x);

    /// <summary>A few conjugate gradient steps from the current x: O(steps · (entries · factors + factors²)).</summary>
    /// <remarks>Takács, Pilászy and Tikk, "Applications of the conjugate gradient method for implicit feedback", RecSys
    /// 2011.</remarks>
    public void Improve(
        float[] others,
        float[] gram,
        float regularisation,
        ReadOnlySpan<int> columns,
        ReadOnlySpan<float> weights,
        Span<float> x,
        int steps)
    {
        Gather(others, columns);
        var count = columns.Length;
        fixed (float* rows = _rows, dots = _dots, g = gram, target = x, weight = weights)
        fixed (float* residual = _residual, direction = _direction, image = _image)
        {
            // residual = Σ w (1 − yᵀx) y − (α0 YᵀY + λ) x
            Vectors.Dots(rows, count, _length, target, dots);
            for (var entry = 0; entry < count; entry++)
            {
                dots[entry] = weight[entry] * (1 - dots[entry]);
            }

            Vectors.Dots(g, _length, _length, target, residual);
            for (var at = 0; at < _length; at++)
            {
                residual[at] = -residual[at] - (regularisation * target[at]);
            }

            Vectors.AddRows(rows, count, _length, dots, residual);
            _residual.CopyTo(_direction, 0);
            var length = Vectors.Dot(residual, residual, _length);
            for (var step = 0; step < steps && length > 1e-20f; step++)
            {
                Vectors.Dots(g, _length, _length, direction, image);
                Vectors.AddScaled(direction, regularisation, image, _length);
                Vectors.Dots(rows, count, _length, direction, dots);
                for (var entry = 0; entry < count; entry++)
                {
                    dots[entry] *= weight[entry];
                }

                Vectors.AddRows(rows, count, _length, dots, image);
                var pace = length / Vectors.Dot(direction, image, _length);
                Vectors.AddScaled(direction, pace, target, _length);
                Vectors.AddScaled(image, -pace, residual, _length);
                var next = Vectors.Dot(residual, residual, _length);
                Scale(direction, next / length, residual);
                length = next;
            }
        }
    }

    private static float[] New(int length) => GC.AllocateArray<float>(length, pinned: true);

    private void Factor(
        float[] others,
        float[] gram,
        float regularisation,
        ReadOnlySpan<int> columns,
        ReadOnlySpan<float> weights)
    {
        Gather(others, columns);
        gram.CopyTo(_matrix, 0);
        for (var at = 0; at < _length; at++)
        {
            _matrix[(at * _length) + at] += regularisation;
        }

        if (_scaled.Length < columns.Length * _length)
        {
            _scaled = New(_rows.Length);
        }

        fixed (float* rows = _rows, scaled = _scaled, matrix = _matrix)
        {
            for (var entry = 0; entry < columns.Length; entry++)
            {
                var from = entry * _length;
                TensorPrimitives.Multiply(
                    _rows.AsSpan(from, _length), weights[entry], _scaled.AsSpan(from, _length));
            }

            // Only the upper triangle is read.
            for (var row = 0; row < _length; row += Tile.Rows)
            {
                for (var column = row / Tile.Columns * Tile.Columns; column < _length; column += Tile.Columns)
                {
                    Tile.MultiplyAdd(
                        scaled + row, 1, _length, rows + column, _length, matrix + (row * _length) + column, _length,
                        columns.Length, 1);
                }
            }
        }

        Cholesky.Factor(_matrix, _length);
    }

    private void Gather(float[] others, ReadOnlySpan<int> columns)
    {
        if (_dots.Length < columns.Length)
        {
            var room = Math.Max(columns.Length, 2 * _dots.Length);
            _dots = New(room);
            _rows = New(room * _length);
        }

        for (var entry = 0; entry < columns.Length; entry++)
        {
            others.AsSpan(columns[entry] * _length, _length).CopyTo(_rows.AsSpan(entry * _length));
        }
    }

    private void Scale(float* direction, float factor, float* residual)
    {
        for (var at = 0; at < _length; at++)
        {
            direction[at] = residual[at] + (factor * direction[at]);
        }
    }
}
