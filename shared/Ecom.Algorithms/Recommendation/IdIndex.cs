namespace Ecom.Algorithms.Recommendation;

/// <summary>Translates ids (strings) to dense indexes and back, at the edge of the algorithms.</summary>
/// <remarks>Indexes are given in the order of first appearance, from 0. Ids are compared ordinally.</remarks>
public sealed class IdIndex
{
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);
    private readonly List<string> _ids = [];

    /// <summary>Every id; its position is its index.</summary>
    public IReadOnlyList<string> Ids => _ids;

    /// <summary>How many ids there are.</summary>
    public int Count => _ids.Count;

    /// <summary>An index that holds <paramref name="ids"/> in their order.</summary>
    /// <exception cref="ArgumentException">An id occurs twice.</exception>
    public static IdIndex Of(IEnumerable<string> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var index = new IdIndex();
        foreach (var id in ids)
        {
            index._indexes.Add(id, index._ids.Count);
            index._ids.Add(id);
        }

        return index;
    }

    /// <summary>The index of <paramref name="id"/>, which is added when it is new.</summary>
    public int Add(string id)
    {
        if (!_indexes.TryGetValue(id, out var index))
        {
            index = _ids.Count;
            _indexes.Add(id, index);
            _ids.Add(id);
        }

        return index;
    }

    /// <summary>The index of <paramref name="id"/>, or -1 when it is unknown.</summary>
    public int Find(string id) => _indexes.TryGetValue(id, out var index) ? index : -1;

    /// <summary>The indexes of the known ids among <paramref name="ids"/>, in their order; unknown ones are left
    /// out.</summary>
    public int[] FindAll(IEnumerable<string> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return ids.Select(Find).Where(index => index >= 0).ToArray();
    }
}
