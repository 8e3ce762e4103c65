namespace Ecom.Algorithms.Fraud;

/// <summary>How odd a payment is among those that were known, by an isolation forest of some of its features.</summary>
/// <remarks>
/// The score of the forest says little by itself, so it is mapped through 1,001 quantiles of the scores of known
/// payments: 0.99 is "odder than 99 of 100". Immutable and thread-safe.
/// </remarks>
public sealed class AnomalyModel
{
    private const int Quantiles = 1_001;
    private readonly int[] _columns;
    private readonly IsolationForest _forest;
    private readonly double[] _quantiles;

    private AnomalyModel(int[] columns, IsolationForest forest, double[] quantiles) =>
        (_columns, _forest, _quantiles) = (columns, forest, quantiles);

    /// <summary>Positions of the features that it looks at, in a vector.</summary>
    public IReadOnlyList<int> Columns => _columns;

    /// <summary>Grows the forest and learns the quantiles on the same rows.</summary>
    /// <param name="rows">Vectors of known payments, row by row; at least 2.</param>
    /// <param name="width">Values of a vector.</param>
    /// <param name="columns">Positions of the features to look at, ascending: those that no label enters.</param>
    /// <param name="seed">Of the forest. Default 1.</param>
    public static AnomalyModel Fit(ReadOnlySpan<float> rows, int width, IReadOnlyList<int> columns, int seed = 1)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        int[] chosen = [.. columns];
        var table = new float[rows.Length / width * chosen.Length];
        for (var row = 0; row < rows.Length / width; row++)
        {
            Take(rows.Slice(row * width, width), chosen, table.AsSpan(row * chosen.Length, chosen.Length));
        }

        var forest = IsolationForest.Fit(table, chosen.Length, seed: seed);
        var scores = new double[table.Length / chosen.Length];
        for (var row = 0; row < scores.Length; row++)
        {
            scores[row] = forest.Score(table.AsSpan(row * chosen.Length, chosen.Length));
        }

        Array.Sort(scores);
        return new AnomalyModel(chosen, forest, [.. Enumerable.Range(0, Quantiles)
            .Select(part => scores[(int)((long)(scores.Length - 1) * part / (Quantiles - 1))])]);
    }

    /// <summary>Share of the known payments that are less odd, 0 to 1.</summary>
    /// <param name="vector">A whole vector; NaN is missing.</param>
    public double Share(ReadOnlySpan<float> vector)
    {
        Span<float> row = stackalloc float[_columns.Length];
        Take(vector, _columns, row);
        var score = _forest.Score(row);
        var below = Array.BinarySearch(_quantiles, score);
        below = below < 0 ? ~below : below;
        while (below > 0 && _quantiles[below - 1] >= score)
        {
            below--;
        }

        return Math.Min(1, below / (double)(_quantiles.Length - 1));
    }

    internal void Write(BinaryWriter writer)
    {
        writer.Write(_columns.Length);
        foreach (var column in _columns)
        {
            writer.Write(column);
        }

        foreach (var quantile in _quantiles)
        {
            writer.Write(quantile);
        }

        _forest.Write(writer);
    }

    internal static AnomalyModel Read(BinaryReader reader, int width)
    {
        var columns = new int[Math.Clamp(reader.ReadInt32(), 0, width)];
        foreach (ref var column in columns.AsSpan())
        {
            column = reader.ReadInt32();
        }

        var quantiles = new double[Quantiles];
        foreach (ref var quantile in quantiles.AsSpan())
        {
            quantile = reader.ReadDouble();
        }

        var forest = IsolationForest.Read(reader);
        return forest.Features == columns.Length && Array.TrueForAll(columns, at => at >= 0 && at < width)
            && quantiles.Zip(quantiles.Skip(1)).All(pair => pair.First <= pair.Second)
                ? new AnomalyModel(columns, forest, quantiles)
                : throw new InvalidDataException("The anomaly model is not sound.");
    }

    private static void Take(ReadOnlySpan<float> vector, int[] columns, Span<float> row)
    {
        for (var at = 0; at < columns.Length; at++)
        {
            row[at] = vector[columns[at]];
        }
    }
}
