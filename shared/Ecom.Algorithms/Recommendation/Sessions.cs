namespace Ecom.Algorithms.Recommendation;

/// <summary>Ordered sequences of items: visits or baskets, the oldest session first, in each the oldest item
/// first.</summary>
/// <remarks>The items of session s lie at <c>Starts[s]..Starts[s + 1]</c>. 4 bytes an item.</remarks>
public sealed class Sessions
{
    private Sessions(int itemCount, int[] starts, int[] items)
    {
        ItemCount = itemCount;
        Starts = starts;
        Items = items;
    }

    /// <summary>Number of sessions.</summary>
    public int Count => Starts.Length - 1;

    /// <summary>Number of items that there are, seen or not.</summary>
    public int ItemCount { get; }

    /// <summary>Where each session begins; one more entry than sessions.</summary>
    public int[] Starts { get; }

    /// <summary>Items of all sessions, one after the other.</summary>
    public int[] Items { get; }

    /// <summary>Packs sessions. O(items).</summary>
    /// <param name="itemCount">I, at least 0.</param>
    /// <param name="sessions">Items in [0, I) in the order of events; may be empty and may repeat an item.</param>
    /// <exception cref="ArgumentException">An item is out of range; the message names the session.</exception>
    public static Sessions Create(int itemCount, IReadOnlyList<int[]> sessions)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(itemCount);
        ArgumentNullException.ThrowIfNull(sessions);
        var starts = new int[sessions.Count + 1];
        for (var session = 0; session < sessions.Count; session++)
        {
            starts[session + 1] = checked(starts[session] + sessions[session].Length);
        }

        var items = new int[starts[^1]];
        for (var session = 0; session < sessions.Count; session++)
        {
            foreach (var item in sessions[session])
            {
                if ((uint)item >= (uint)itemCount)
                {
                    throw new ArgumentException($"Session {session} holds the unknown item {item}.", nameof(sessions));
                }
            }

            sessions[session].CopyTo(items, starts[session]);
        }

        return new Sessions(itemCount, starts, items);
    }

    /// <summary>The items of one session, oldest first.</summary>
    public ReadOnlySpan<int> Of(int session) => Items.AsSpan(Starts[session]..Starts[session + 1]);

    /// <summary>Sessions × items, how often: what methods without order learn from.</summary>
    public Interactions ToInteractions()
    {
        var sessions = new int[Items.Length];
        for (var session = 0; session < Count; session++)
        {
            sessions.AsSpan(Starts[session]..Starts[session + 1]).Fill(session);
        }

        return Interactions.Create(Count, ItemCount, sessions, Items);
    }
}
