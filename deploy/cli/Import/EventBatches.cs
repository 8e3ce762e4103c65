namespace Ecom.Cli.Import;

/// <summary>Cuts a list into batches that the server takes. The same list always gives the same batches.</summary>
internal static class EventBatches
{
    /// <summary>Events or products in one request.</summary>
    public const int MostEvents = 500;

    /// <summary>The server's limit for a request is 1 MB; the rest is for the batch's own text.</summary>
    public const int MostBytes = 1_000_000;

    /// <returns>Ranges that follow each other; an item larger than the limit is alone in its batch.</returns>
    public static IReadOnlyList<Range> Cut(IReadOnlyList<ReadOnlyMemory<byte>> items)
    {
        var batches = new List<Range>();
        var start = 0;
        var bytes = 0;
        for (var i = 0; i < items.Count; i++)
        {
            var length = items[i].Length + 1;
            if (i > start && (i - start == MostEvents || bytes + length > MostBytes))
            {
                batches.Add(start..i);
                (start, bytes) = (i, 0);
            }

            bytes += length;
        }

        if (items.Count > start)
        {
            batches.Add(start..items.Count);
        }

        return batches;
    }
}
