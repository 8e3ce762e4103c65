using System.Collections.Immutable;
using System.Diagnostics.Metrics;

namespace Ecom.ServiceDefaults.Messaging.Failures;

/// <summary>How many messages wait parked, by queue, as last counted: for health and metrics.</summary>
internal sealed class ParkedCounts : IDisposable
{
    private readonly ParkedMessages _parked;
    private readonly Meter _meter = new("Ecom.Messaging");
    private volatile ImmutableDictionary<string, long> _byQueue;

    public ParkedCounts(ParkedMessages parked, ConsumerQueues queues)
    {
        _parked = parked;
        _byQueue = queues.Names.ToImmutableDictionary(queue => queue, _ => 0L);
        _meter.CreateObservableGauge("ecom.errors.parked", Measure, "{message}", "Failed messages that wait parked.");
    }

    public long Of(string queue) => _byQueue.GetValueOrDefault(queue);

    public async Task RefreshAsync(CancellationToken cancellation)
    {
        var counts = await _parked.CountAsync(new ParkedFilter(null, null, ParkedMessage.Parked), cancellation);
        var byQueue = counts.GroupBy(count => count.Queue).ToDictionary(
            queue => queue.Key, queue => queue.Sum(count => count.Messages));

        // A queue whose last message was handled goes back to 0, not away.
        _byQueue = _byQueue.Keys.Union(byQueue.Keys).ToImmutableDictionary(
            queue => queue, queue => byQueue.GetValueOrDefault(queue));
    }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> Measure() => _byQueue.Select(queue => new Measurement<long>(
        queue.Value, new KeyValuePair<string, object?>("messaging.destination.name", queue.Key)));
}
