using System.Threading.Channels;

namespace Ecom.Client;

/// <summary>
/// Collects events in memory and sends them in batches in the background, so that a page never waits for the platform.
/// </summary>
/// <remarks>
/// Events that are still here when the process dies are lost; send what must not be lost (orders, payments) with
/// <see cref="IngestionClient.SendAsync"/>. Disposing sends what is left.
/// </remarks>
public sealed class EventBuffer : IAsyncDisposable
{
    private readonly IngestionClient _client;
    private readonly TimeSpan _longestWait;
    private readonly int _batch;
    private readonly Action<IReadOnlyList<EventVerdict>>? _onVerdicts;
    private readonly Action<IReadOnlyList<ShopEvent>, EcomRequestException>? _onFailure;
    private readonly Channel<ShopEvent> _waiting;
    private readonly Task _sending;

    /// <summary>Starts sending.</summary>
    /// <param name="client">Sends the batches.</param>
    /// <param name="batch">Events that are sent as soon as they are together, 1 to 500. Default 100.</param>
    /// <param name="longestWait">How long an event waits for others. Default one second.</param>
    /// <param name="capacity">Events held at most; <see cref="TryAdd"/> refuses more. Default 10,000.</param>
    /// <param name="onVerdicts">Told of each batch that was sent.</param>
    /// <param name="onFailure">Told of each batch that could not be sent in all attempts; its events are
    /// dropped.</param>
    public EventBuffer(
        IngestionClient client,
        int batch = 100,
        TimeSpan? longestWait = null,
        int capacity = 10_000,
        Action<IReadOnlyList<EventVerdict>>? onVerdicts = null,
        Action<IReadOnlyList<ShopEvent>, EcomRequestException>? onFailure = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batch, IngestionClient.MostEvents);
        _client = client;
        _batch = batch;
        _longestWait = longestWait ?? TimeSpan.FromSeconds(1);
        _onVerdicts = onVerdicts;
        _onFailure = onFailure;
        _waiting = Channel.CreateBounded<ShopEvent>(new BoundedChannelOptions(capacity) { SingleReader = true });
        _sending = Task.Run(SendAsync);
    }

    /// <summary>Takes an event at once.</summary>
    /// <returns>False if the buffer is full or disposed: the event was not taken.</returns>
    public bool TryAdd(ShopEvent shopEvent) => _waiting.Writer.TryWrite(shopEvent);

    /// <summary>Sends what is left, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _sending;
    }

    private async Task SendAsync()
    {
        var events = new List<ShopEvent>(_batch);
        while (await _waiting.Reader.WaitToReadAsync())
        {
            await GatherAsync(events);
            try
            {
                var verdicts = await _client.SendBatchAsync(events);
                _onVerdicts?.Invoke(verdicts);
            }
            catch (EcomRequestException error)
            {
                _onFailure?.Invoke([.. events], error);
            }

            events.Clear();
        }
    }

    private async Task GatherAsync(List<ShopEvent> events)
    {
        using var timeout = new CancellationTokenSource(_longestWait);
        while (events.Count < _batch)
        {
            if (_waiting.Reader.TryRead(out var next))
            {
                events.Add(next);
                continue;
            }

            try
            {
                if (!await _waiting.Reader.WaitToReadAsync(timeout.Token))
                {
                    return;
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
