namespace Ecom.Algorithms.Recommendation;

/// <summary>For each item a few others with a value: the sparse matrix that neighbourhood models keep.</summary>
/// <remarks>Row i lies at <c>starts[i]..starts[i + 1]</c>, best first. 8 bytes an entry.</remarks>
internal sealed class NeighbourRows
{
    private readonly int[] _starts;
    private readonly int[] _items;
    private readonly float[] _values;

    private NeighbourRows(int[] starts, int[] items, float[] values)
    {
        _starts = starts;
        _items = items;
        _values = values;
    }

    public static NeighbourRows Of(ScoredItem[][] rows)
    {
        var starts = new int[rows.Length + 1];
        for (var row = 0; row < rows.Length; row++)
        {
            starts[row + 1] = checked(starts[row] + rows[row].Length);
        }

        var entries = rows.SelectMany(row => row).ToArray();
        return new NeighbourRows(
            starts, Array.ConvertAll(entries, entry => entry.Item), Array.ConvertAll(entries, entry => entry.Score));
    }

    public static NeighbourRows Read(BinaryReader reader, int rows)
    {
        var starts = RecommenderFormat.ReadArray<int>(reader, rows + 1L);
        return new NeighbourRows(
            starts,
            RecommenderFormat.ReadArray<int>(reader, starts[^1]),
            RecommenderFormat.ReadArray<float>(reader, starts[^1]));
    }

    public void Write(BinaryWriter writer)
    {
        RecommenderFormat.WriteArray<int>(writer, _starts);
        RecommenderFormat.WriteArray<int>(writer, _items);
        RecommenderFormat.WriteArray<float>(writer, _values);
    }

    public ReadOnlySpan<int> ItemsOf(int row) => _items.AsSpan(_starts[row].._starts[row + 1]);

    public ReadOnlySpan<float> ValuesOf(int row) => _values.AsSpan(_starts[row].._starts[row + 1]);

    /// <summary>The value of an item in a row, 0 when it is not there.</summary>
    public float Value(int row, int item)
    {
        var place = ItemsOf(row).IndexOf(item);
        return place < 0 ? 0 : ValuesOf(row)[place];
    }

    /// <summary>Adds weight · value of every entry of a row.</summary>
    public void AddTo(Span<float> scores, int row, float weight)
    {
        var (items, values) = (_items, _values);
        for (var entry = _starts[row]; entry < _starts[row + 1]; entry++)
        {
            scores[items[entry]] += weight * values[entry];
        }
    }
}
