using RabbitMQ.Client;

namespace Ecom.ServiceDefaults.Messaging.Failures;

/// <summary>Gives parked messages back to the queues that they came from.</summary>
internal sealed class Replay(Broker broker, ParkedMessages parked, ParkedCounts counts)
{
    /// <summary>Gives back one message, also one that was replayed or discarded before.</summary>
    /// <returns>False if there is none of this id.</returns>
    /// <exception cref="RabbitMQ.Client.Exceptions.PublishReturnException">Its queue is gone.</exception>
    public async Task<bool> OneAsync(Guid id, string by, CancellationToken cancellation)
    {
        await using var channel = await broker.OpenChannelAsync(cancellation);
        var found = await parked.ReplayAsync(id, by, row => PublishAsync(channel, row, cancellation), cancellation);
        await counts.RefreshAsync(cancellation);
        return found;
    }

    /// <summary>Gives back messages that wait, the oldest first.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="RabbitMQ.Client.Exceptions.PublishReturnException">A queue is gone.</exception>
    public async Task<int> ManyAsync(ParkedFilter filter, int limit, string by, CancellationToken cancellation)
    {
        await using var channel = await broker.OpenChannelAsync(cancellation);
        var replayed = await parked.ReplayAsync(
            filter, limit, by, row => PublishAsync(channel, row, cancellation), cancellation);
        await counts.RefreshAsync(cancellation);
        return replayed;
    }

    // To the queue itself: other subscribers of the message had no trouble with it.
    private static async Task PublishAsync(IChannel channel, ParkedMessage row, CancellationToken cancellation) =>
        await channel.BasicPublishAsync(
            exchange: string.Empty,
            routingKey: row.Queue,
            mandatory: true,
            FailedDelivery.PropertiesOf(row),
            row.Body,
            cancellation);
}
