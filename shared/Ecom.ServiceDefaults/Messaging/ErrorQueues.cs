using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;

namespace Ecom.ServiceDefaults.Messaging;

/// <summary>
/// Declares the error queue of each consumer's queue at start. MassTransit declares it only at its first failure; a
/// message that exceeds the delivery limit before that would be dead-lettered into nothing.
/// </summary>
internal sealed class ErrorQueues(Broker broker, ConsumerQueues queues) : IHostedService
{
    // A message that kills its consumer that often is parked; without a limit it would kill for ever.
    private const int DeliveryLimit = 20;

    /// <summary>
    /// The arguments of a consumer's queue. Its error queue has the same, because MassTransit declares it so.
    /// </summary>
    public static IReadOnlyDictionary<string, object> ArgumentsOf(string queue) => new Dictionary<string, object>
    {
        ["x-queue-type"] = "quorum",
        ["x-delivery-limit"] = DeliveryLimit,
        ["x-dead-letter-exchange"] = NameOf(queue),
    };

    /// <summary>Name of a queue's error queue and exchange.</summary>
    public static string NameOf(string queue) => $"{queue}_error";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (queues.Names.Count == 0)
        {
            return;
        }

        await using var channel = await broker.OpenChannelAsync(cancellationToken);
        foreach (var queue in queues.Names)
        {
            var name = NameOf(queue);
            await channel.ExchangeDeclareAsync(
                name, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
            await channel.QueueDeclareAsync(
                name,
                durable: true,
                exclusive: false,
                autoDelete: false,
                arguments: ArgumentsOf(queue).ToDictionary(pair => pair.Key, object? (pair) => pair.Value),
                cancellationToken: cancellationToken);
            await channel.QueueBindAsync(name, name, string.Empty, cancellationToken: cancellationToken);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
