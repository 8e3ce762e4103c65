namespace Ecom.Algorithms.Recommendation;

/// <summary>The histories of many users: what a model may know of each.</summary>
public sealed class HistorySet
{
    private readonly int[] _starts;
    private readonly int[] _items;
    private readonly float[] _weights;

    private readonly float _recency;

    private HistorySet(int[] starts, int[] items, float[] weights, bool isOrdered, float recency = 1)
    {
        _recency = recency;
        _starts = starts;
        _items = items;
        _weights = weights;
        IsOrdered = isOrdered;
    }

    /// <summary>Number of users.</summary>
    public int Count => _starts.Length - 1;

    /// <summary>Whether the items of a history stand in time order, the newest last.</summary>
    public bool IsOrdered { get; }

    /// <summary>Histories without order, one a row.</summary>
    public static HistorySet Of(Interactions interactions)
    {
        ArgumentNullException.ThrowIfNull(interactions);
        return new HistorySet(interactions.Starts, interactions.Items, interactions.Weights, isOrdered: false);
    }

    /// <summary>Histories without order from rows of distinct items with weights above 0.</summary>
    internal static HistorySet OfRows(int[] starts, int[] items, float[] weights) =>
        new(starts, items, weights, isOrdered: false);

    /// <summary>Histories in time order; of a repeated item the newest stays, with the sum of its weights.</summary>
    /// <param name="users">Number of users.</param>
    /// <param name="events">User, item and weight of each event by ascending time.</param>
    public static HistorySet InOrder(int users, IReadOnlyList<(int User, int Item, float Weight)> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        var newest = new Dictionary<(int, int), (int At, float Weight)>(events.Count);
        for (var at = 0; at < events.Count; at++)
        {
            var (user, item, weight) = events[at];
            var before = newest.GetValueOrDefault((user, item)).Weight;
            newest[(user, item)] = (at, before + weight);
        }

        var starts = new int[users + 1];
        foreach (var (user, _) in newest.Keys)
        {
            starts[user + 1]++;
        }

        for (var user = 0; user < users; user++)
        {
            starts[user + 1] += starts[user];
        }

        var next = starts.AsSpan(0, users).ToArray();
        var (items, weights) = (new int[newest.Count], new float[newest.Count]);
        for (var at = 0; at < events.Count; at++)
        {
            var (user, item, _) = events[at];
            var (last, weight) = newest[(user, item)];
            if (last == at && weight > 0)
            {
                items[next[user]] = item;
                weights[next[user]++] = weight;
            }
        }

        return new HistorySet(starts, items, weights, isOrdered: true);
    }

    /// <summary>The same histories, where an item counts <paramref name="recency"/> times as much as the next newer
    /// one.</summary>
    public HistorySet Fade(float recency) => new(_starts, _items, _weights, IsOrdered, _recency * recency);

    /// <summary>One user's history.</summary>
    public History Of(int user) => History.OfDistinct(
        _items.AsSpan(_starts[user], _starts[user + 1] - _starts[user]),
        _weights.AsSpan(_starts[user], _starts[user + 1] - _starts[user])).Fade(_recency);
}
