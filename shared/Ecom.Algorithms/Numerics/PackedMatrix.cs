using System.Buffers;
using System.Numerics.Tensors;

namespace Ecom.Algorithms.Numerics;

/// <summary>The right side of products, stored in panels of 32 columns so that tiles read it in order.</summary>
/// <remarks>Row-major k × n becomes ⌈n / 32⌉ panels of k × 32, the last one padded by zeros.</remarks>
internal sealed class PackedMatrix : IDisposable
{
    private readonly float[] _panels;
    private readonly bool _isRented;

    private PackedMatrix(int rows, int columns, bool isRented)
    {
        Rows = rows;
        Columns = columns;
        PanelCount = (columns + Tile.Columns - 1) / Tile.Columns;
        _isRented = isRented;
        var count = checked(PanelCount * rows * Tile.Columns);
        _panels = isRented
            ? ArrayPool<float>.Shared.Rent(count)
            : GC.AllocateUninitializedArray<float>(count, pinned: true);
    }

    /// <summary>k.</summary>
    public int Rows { get; }

    /// <summary>n.</summary>
    public int Columns { get; }

    /// <summary>Number of panels.</summary>
    public int PanelCount { get; }

    /// <summary>One panel: k rows of 32 numbers.</summary>
    public Span<float> Panel(int panel) => _panels.AsSpan(panel * Rows * Tile.Columns, Rows * Tile.Columns);

    /// <summary>Packs a row-major matrix for one product; dispose it afterwards.</summary>
    /// <param name="values">Row p, column j at p · step + j.</param>
    /// <param name="step">Distance between rows.</param>
    /// <param name="rows">k.</param>
    /// <param name="columns">n.</param>
    public static PackedMatrix Of(ReadOnlySpan<float> values, int step, int rows, int columns)
    {
        var packed = new PackedMatrix(rows, columns, isRented: true);
        for (var panel = 0; panel < packed.PanelCount; panel++)
        {
            var target = packed.Panel(panel);
            var first = panel * Tile.Columns;
            var width = Math.Min(Tile.Columns, columns - first);
            for (var row = 0; row < rows; row++)
            {
                var line = target.Slice(row * Tile.Columns, Tile.Columns);
                values.Slice((row * step) + first, width).CopyTo(line);
                line[width..].Clear();
            }
        }

        return packed;
    }

    /// <summary>Packs the transpose of a row-major n × k matrix: vectors of items as columns.</summary>
    /// <param name="values">Row j, column p at j · step + p.</param>
    /// <param name="step">Distance between rows.</param>
    /// <param name="rows">k, the length of each vector.</param>
    /// <param name="columns">n, the number of vectors.</param>
    public static PackedMatrix OfTransposed(ReadOnlySpan<float> values, int step, int rows, int columns)
    {
        var packed = new PackedMatrix(rows, columns, isRented: false);
        for (var panel = 0; panel < packed.PanelCount; panel++)
        {
            var target = packed.Panel(panel);
            var first = panel * Tile.Columns;
            var width = Math.Min(Tile.Columns, columns - first);
            if (width < Tile.Columns)
            {
                target.Clear();
            }

            for (var column = 0; column < width; column++)
            {
                var vector = values.Slice((first + column) * step, rows);
                for (var row = 0; row < rows; row++)
                {
                    target[(row * Tile.Columns) + column] = vector[row];
                }
            }
        }

        return packed;
    }

    /// <summary>c[m × n] += factor · a[m × k] · this, some rows and a range of panels at a time.</summary>
    /// <param name="a">Rows of a, <paramref name="aStep"/> apart; a(i, p) at a[i · aStep + p].</param>
    /// <param name="aStep">Distance between rows of a.</param>
    /// <param name="c">Rows of c for these panels; c(i, j) at c[i · cStep + j].</param>
    /// <param name="cStep">Distance between rows of c.</param>
    /// <param name="rows">m.</param>
    /// <param name="firstPanel">First panel.</param>
    /// <param name="panels">Number of panels.</param>
    /// <param name="factor">1 adds, -1 subtracts.</param>
    public unsafe void MultiplyAdd(
        ReadOnlySpan<float> a,
        int aStep,
        Span<float> c,
        int cStep,
        int rows,
        int firstPanel,
        int panels,
        float factor = 1)
    {
        var edge = stackalloc float[Tile.Rows * Tile.Columns];
        fixed (float* left = a, right = _panels, result = c)
        {
            for (var panel = 0; panel < panels; panel++)
            {
                var b = right + ((nint)(firstPanel + panel) * Rows * Tile.Columns);
                var width = Math.Min(Tile.Columns, Columns - ((firstPanel + panel) * Tile.Columns));
                var target = result + ((nint)panel * Tile.Columns);
                if (width == Tile.Columns)
                {
                    MultiplyPanel(left, aStep, b, target, cStep, rows, factor);
                    continue;
                }

                for (var row = 0; row < rows; row++)
                {
                    new Span<float>(edge, Tile.Columns).Clear();
                    Tile.MultiplyAddRow(left + ((nint)row * aStep), 1, b, Tile.Columns, edge, Rows, factor);
                    var line = c.Slice((row * cStep) + (panel * Tile.Columns), width);
                    TensorPrimitives.Add(line, new ReadOnlySpan<float>(edge, width), line);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isRented)
        {
            ArrayPool<float>.Shared.Return(_panels);
        }
    }

    private unsafe void MultiplyPanel(float* a, int aStep, float* b, float* c, int cStep, int rows, float factor)
    {
        var row = 0;
        for (; row + Tile.Rows <= rows; row += Tile.Rows)
        {
            Tile.MultiplyAdd(
                a + ((nint)row * aStep), aStep, 1, b, Tile.Columns, c + ((nint)row * cStep), cStep, Rows, factor);
        }

        for (; row < rows; row++)
        {
            Tile.MultiplyAddRow(
                a + ((nint)row * aStep), 1, b, Tile.Columns, c + ((nint)row * cStep), Rows, factor);
        }
    }
}
