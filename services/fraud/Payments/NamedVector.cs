using System.Collections;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Ecom.Fraud.Payments;

/// <summary>The names of numbers in their order; shared by all vectors that have them.</summary>
internal sealed class VectorNames
{
    private readonly FrozenDictionary<string, int> _places;

    /// <param name="names">Each once.</param>
    public VectorNames(IReadOnlyList<string> names)
    {
        All = names;
        _places = names.Index().ToFrozenDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
    }

    /// <summary>All names.</summary>
    public IReadOnlyList<string> All { get; }

    /// <summary>Where a name stands; -1 if it is none of these.</summary>
    public int PlaceOf(string name) => _places.GetValueOrDefault(name, -1);
}

/// <summary>Numbers by name, where NaN and null both say "missing".</summary>
/// <param name="names">Their names.</param>
/// <param name="values">As many values, which do not change any more.</param>
internal sealed class NamedVector(VectorNames names, double[] values) : IReadOnlyDictionary<string, double?>
{
    public VectorNames Names => names;

    /// <summary>The values in the order of the names; NaN is missing.</summary>
    public ReadOnlySpan<double> Values => values;

    public int Count => values.Length;

    public IEnumerable<string> Keys => names.All;

    IEnumerable<double?> IReadOnlyDictionary<string, double?>.Values => values.Select(Known);

    public double? this[string key] => TryGetValue(key, out var value)
        ? value
        : throw new KeyNotFoundException($"The vector has no '{key}'.");

    /// <summary>Takes numbers from elsewhere.</summary>
    public static NamedVector Of(IReadOnlyDictionary<string, double?> numbers) => numbers as NamedVector
        ?? new(new VectorNames([.. numbers.Keys]), [.. numbers.Values.Select(value => value ?? double.NaN)]);

    public bool ContainsKey(string key) => names.PlaceOf(key) >= 0;

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out double? value)
    {
        var place = names.PlaceOf(key);
        value = place < 0 ? null : Known(values[place]);
        return place >= 0;
    }

    public IEnumerator<KeyValuePair<string, double?>> GetEnumerator() =>
        names.All.Select((name, place) => KeyValuePair.Create(name, Known(values[place]))).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static double? Known(double value) => double.IsNaN(value) ? null : value;
}
