namespace Ecom.Cli.Import;

/// <summary>Sends a prepared shop: the catalogue first, then the events in order, a few requests at a time.</summary>
internal sealed class ShopSender(IngestionGateway gateway)
{
    /// <summary>More requests at once gain little: the server commits them together anyway.</summary>
    public const int RequestsInFlight = 4;

    /// <returns>Verdicts on the products.</returns>
    public async Task<Tally> SendProductsAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> products, CancellationToken cancellation)
    {
        var tally = new Tally();
        foreach (var range in EventBatches.Cut(products))
        {
            var (start, length) = range.GetOffsetAndLength(products.Count);
            foreach (var verdict in await gateway.PutProductsAsync(products.Skip(start).Take(length), cancellation))
            {
                tally.Count(verdict, lines: 0);
            }
        }

        return tally;
    }

    /// <summary>Sends the batches that are not done yet.</summary>
    /// <param name="events">All events.</param>
    /// <param name="done">Numbers of batches that were sent before.</param>
    /// <param name="finished">Called for each finished batch, one call at a time.</param>
    /// <param name="cancellation">Stops between batches; what is under way is dropped.</param>
    public async Task SendEventsAsync(
        IReadOnlyList<PreparedEvent> events, IReadOnlySet<int> done, Action<int, Tally> finished,
        CancellationToken cancellation)
    {
        var json = events.Select(e => e.Json).ToArray();
        var batches = EventBatches.Cut(json).Index().Where(batch => !done.Contains(batch.Index));
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = RequestsInFlight,
            CancellationToken = cancellation,
        };
        var single = new Lock();
        await Parallel.ForEachAsync(batches, options, async (batch, cancel) =>
        {
            var (start, length) = batch.Item.GetOffsetAndLength(json.Length);
            var verdicts = await gateway.SendEventsAsync(json[batch.Item], cancel);
            var tally = new Tally();
            for (var i = 0; i < length; i++)
            {
                tally.Count(verdicts[i], events[start + i].Lines);
            }

            lock (single)
            {
                finished(batch.Index, tally);
            }
        });
    }
}
