namespace Ecom.Algorithms.Recommendation;

/// <summary>What every model does first with a history: check it and drop repetitions.</summary>
internal static class History
{
    /// <summary>The distinct items, ascending, so that the order of a history never changes an answer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An item is unknown.</exception>
    public static int[] Distinct(ReadOnlySpan<int> history, int itemCount)
    {
        var items = history.ToArray();
        Array.Sort(items);
        var kept = 0;
        for (var at = 0; at < items.Length; at++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(items[at], nameof(history));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(items[at], itemCount, nameof(history));
            if (kept == 0 || items[kept - 1] != items[at])
            {
                items[kept++] = items[at];
            }
        }

        return items[..kept];
    }
}
