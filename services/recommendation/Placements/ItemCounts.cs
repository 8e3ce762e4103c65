using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Ecom.Recommendation.Placements;

/// <summary>
/// Recommended items by placement and by the list they came from. Answers only add to numbers; tags are made when the
/// metrics are read, which a counter with tags does for every answer.
/// </summary>
internal sealed class ItemCounts
{
    private static readonly int _lists = Enum.GetValues<ListSource>().Length;

    private readonly ConcurrentDictionary<string, long[]> _byPlacement = new(StringComparer.Ordinal);

    public ItemCounts(Meter meter) => meter.CreateObservableCounter(
        "ecom.recommendation.items",
        Read,
        "{item}",
        "Recommended items, by placement and by the list they came from.");

    public void Add(Placement placement, ReadOnlySpan<Candidate> candidates, ReadOnlySpan<int> places)
    {
        var counts = _byPlacement.GetOrAdd(placement.Name, _ => new long[_lists]);
        foreach (var place in places)
        {
            Interlocked.Increment(ref counts[(int)candidates[place].Source]);
        }
    }

    private IEnumerable<Measurement<long>> Read()
    {
        foreach (var (placement, counts) in _byPlacement)
        {
            for (var list = 0; list < counts.Length; list++)
            {
                if (Volatile.Read(ref counts[list]) is var count and > 0)
                {
                    yield return new Measurement<long>(
                        count,
                        new("ecom.placement", placement),
                        new("ecom.list", PlacementSources.NameOf((ListSource)list)));
                }
            }
        }
    }
}
