using System.Collections.Frozen;
using Ecom.Fraud.Payments;

namespace Ecom.Fraud.Lists;

/// <summary>Which lists hold a value, in memory. It cannot be changed.</summary>
internal sealed class ListIndex
{
    private readonly FrozenDictionary<string, Holding[]> _byValue;

    private ListIndex(FrozenDictionary<string, Holding[]> byValue) => _byValue = byValue;

    public static ListIndex Of(IEnumerable<ListedValue> values) => new(values
        .GroupBy(value => value.Value, StringComparer.Ordinal)
        .ToFrozenDictionary(
            group => group.Key,
            group => group.Select(value => new Holding(value.List, value.ExpiresAt))
                .OrderBy(holding => holding.List, StringComparer.Ordinal).ToArray(),
            StringComparer.Ordinal));

    /// <summary>The lists that hold texts of a payment at an instant, in the order of names.</summary>
    public IReadOnlyList<ListHit> HitsOf(IReadOnlyDictionary<string, string> texts, DateTimeOffset now)
    {
        if (_byValue.Count == 0)
        {
            return [];
        }

        var hits = new List<ListHit>();
        foreach (var text in texts.Values)
        {
            foreach (var holding in _byValue.GetValueOrDefault(text, []))
            {
                var hit = new ListHit(holding.List, text);
                if ((holding.ExpiresAt is null || holding.ExpiresAt > now) && !hits.Contains(hit))
                {
                    hits.Add(hit);
                }
            }
        }

        return
        [
            .. hits.OrderBy(hit => hit.List, StringComparer.Ordinal)
                .ThenBy(hit => hit.Value, StringComparer.Ordinal),
        ];
    }

    private readonly record struct Holding(string List, DateTimeOffset? ExpiresAt);
}

/// <summary>A value on a list, as much of it as judging needs.</summary>
internal sealed record ListedValue
{
    public required string List { get; init; }

    public required string Value { get; init; }

    public required DateTimeOffset? ExpiresAt { get; init; }
}
