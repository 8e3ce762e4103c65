using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Ecom.Samples;

/// <summary>
/// A fraud team's consumer of the queue fraud-alerts: raw JSON and RabbitMQ.Client, nothing else. Copy it;
/// docs/fraud-consumer.md explains it.
/// </summary>
/// <param name="broker">amqp://user:password@host:port/vhost.</param>
/// <param name="handle">What the team does with what is new.</param>
internal sealed class AlertConsumer(Uri broker, Func<AlertMessage, CancellationToken, Task<Handling>> handle)
{
    public const string Queue = "fraud-alerts";
    private const ushort UnderWay = 20;

    // In place of your own table (alert id, version), written in the transaction of what you do with the alert.
    private readonly Dictionary<Guid, int> _versions = [];

    /// <summary>Consumes until it is cancelled. What is not acknowledged then comes again.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var factory = new ConnectionFactory { Uri = broker, ClientProvidedName = "fraud team" };
        await using var connection = await factory.CreateConnectionAsync(cancellation);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellation);
        await channel.BasicQosAsync(0, UnderWay, global: false, cancellation);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) => ReceiveAsync(channel, delivery, cancellation);
        await channel.BasicConsumeAsync(Queue, autoAck: false, consumer, cancellation);
        await Task.Delay(Timeout.Infinite, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ReceiveAsync(IChannel channel, BasicDeliverEventArgs delivery, CancellationToken cancellation)
    {
        switch (await HandleAsync(delivery, cancellation))
        {
            case Handling.Done:
                await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false, cancellation);
                break;
            case Handling.TryAgain:
                await channel.BasicNackAsync(delivery.DeliveryTag, multiple: false, requeue: true, cancellation);
                break;
            default:
                await channel.BasicRejectAsync(delivery.DeliveryTag, requeue: false, cancellation);
                break;
        }
    }

    private async Task<Handling> HandleAsync(BasicDeliverEventArgs delivery, CancellationToken cancellation)
    {
        if (Read(delivery) is not { } message)
        {
            return Handling.Refused;
        }

        // At least once: an alert and version that is known, or older than what is known, was handled before.
        if (_versions.TryGetValue(message.AlertId, out var known) && message.Version <= known)
        {
            return Handling.Done;
        }

        var handling = await handle(message, cancellation);
        if (handling == Handling.Done)
        {
            _versions[message.AlertId] = message.Version;
        }

        return handling;
    }

    private static AlertMessage? Read(BasicDeliverEventArgs delivery)
    {
        try
        {
            var body = JsonSerializer.Deserialize<JsonElement>(delivery.Body.Span);
            return body.ValueKind == JsonValueKind.Object
                && body.TryGetProperty("alertId", out var id) && id.TryGetGuid(out var alertId)
                && body.TryGetProperty("version", out var number) && number.TryGetInt32(out var version)
                ? new AlertMessage(delivery.BasicProperties.Type ?? "", alertId, version, body)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Something that happened to an alert.</summary>
/// <param name="Type">FraudAlertRaised or FraudAlertUpdated.</param>
/// <param name="AlertId">Which alert.</param>
/// <param name="Version">Rises by one with each change of the alert.</param>
/// <param name="Body">All of it.</param>
internal sealed record AlertMessage(string Type, Guid AlertId, int Version, JsonElement Body);

/// <summary>How the team's handling ended.</summary>
internal enum Handling
{
    /// <summary>Acknowledge it.</summary>
    Done,

    /// <summary>Something is away: deliver it again, at most 20 times.</summary>
    TryAgain,

    /// <summary>It can never be handled: to the dead letters.</summary>
    Refused,
}
