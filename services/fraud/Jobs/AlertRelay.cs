using System.Text;
using Ecom.Fraud.Alerts;
using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Jobs;
using Ecom.ServiceDefaults.Messaging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Ecom.Fraud.Jobs;

/// <summary>
/// Hands what happens to alerts to the fraud team's exchange: one replica at a time, in the order of commits, each
/// until the broker confirmed it. A crash between confirmation and mark publishes again, under the same message id.
/// </summary>
internal sealed partial class AlertRelay(EventLog events, Broker broker, Leases leases, ILogger<AlertRelay> logger)
    : LeasedJob("alert-relay", TimeSpan.FromSeconds(1), leases, logger)
{
    public const string Exchange = "fraud.alerts";

    /// <summary>Holds the alerts until a team comes: an exchange without a queue would drop them.</summary>
    public const string Queue = "fraud-alerts";

    /// <summary>Where the broker puts what the team rejected, or gave back too often.</summary>
    public const string DeadQueue = "fraud-alerts-dead";

    private const int EventsAtOnce = 100;
    private const int MostDeliveries = 20;
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(100);

    protected override async Task RunAsync(CancellationToken cancellation)
    {
        await DeclareAsync(cancellation);
        await using var channel = await broker.OpenChannelAsync(cancellation);
        while (!cancellation.IsCancellationRequested)
        {
            var waiting = await events.ListUnpublishedAsync(EventsAtOnce, cancellation);
            foreach (var one in waiting)
            {
                await PublishAsync(channel, one, cancellation);
                await events.MarkPublishedAsync([one.Position], cancellation);
                Telemetry.AlertsPublished.Add(1);
            }

            if (waiting.Count < EventsAtOnce)
            {
                await Task.Delay(_poll, cancellation);
            }
        }
    }

    private async Task DeclareAsync(CancellationToken cancellation)
    {
        await using (var channel = await broker.OpenChannelAsync(cancellation))
        {
            await channel.ExchangeDeclareAsync(
                Exchange, ExchangeType.Topic, durable: true, cancellationToken: cancellation);
            await DeclareQueueAsync(channel, DeadQueue, [], cancellation);
        }

        try
        {
            await using var channel = await broker.OpenChannelAsync(cancellation);
            var dead = new Dictionary<string, object?>
            {
                ["x-delivery-limit"] = MostDeliveries,
                ["x-dead-letter-exchange"] = string.Empty,
                ["x-dead-letter-routing-key"] = DeadQueue,
                ["x-dead-letter-strategy"] = "at-least-once",
                ["x-overflow"] = "reject-publish",
            };
            await DeclareQueueAsync(channel, Queue, dead, cancellation);
        }
        catch (OperationInterruptedException error)
            when (error.ShutdownReason?.ReplyCode == Constants.PreconditionFailed)
        {
            LogOldQueue(Queue, DeadQueue);
        }

        await using var binding = await broker.OpenChannelAsync(cancellation);
        await binding.QueueBindAsync(Queue, Exchange, "alert.#", cancellationToken: cancellation);
    }

    private static Task DeclareQueueAsync(
        IChannel channel, string queue, Dictionary<string, object?> arguments, CancellationToken cancellation)
    {
        arguments["x-queue-type"] = "quorum";
        return channel.QueueDeclareAsync(
            queue,
            durable: true,
            exclusive: false,
            autoDelete: false,
            arguments: arguments,
            cancellationToken: cancellation);
    }

    // Mandatory: an alert that no queue took fails here and is tried again, after the queue was declared anew.
    private static async Task PublishAsync(IChannel channel, LoggedEvent one, CancellationToken cancellation)
    {
        var properties = new BasicProperties
        {
            MessageId = one.EventId.ToString(),
            Type = one.MessageType,
            ContentType = "application/json",
            Persistent = true,
            Headers = new Dictionary<string, object?>
            {
                ["kind"] = one.Kind,
                ["version"] = one.Version,
                ["position"] = one.Position,
            },
        };
        if (one.TraceParent is { } traceParent)
        {
            properties.Headers["traceparent"] = traceParent;
        }

        await channel.BasicPublishAsync(
            Exchange,
            one.RoutingKey!,
            mandatory: true,
            properties,
            Encoding.UTF8.GetBytes(one.Body),
            cancellation);
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Queue {Queue} is of an earlier version: what is rejected there is dropped. "
            + "Empty and delete it, and it is made again with {DeadQueue} behind it")]
    private partial void LogOldQueue(string queue, string deadQueue);
}
