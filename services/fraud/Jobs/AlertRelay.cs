using System.Text;
using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Jobs;
using Ecom.ServiceDefaults.Messaging;
using RabbitMQ.Client;

namespace Ecom.Fraud.Jobs;

/// <summary>
/// Hands alerts to the fraud team's exchange: one replica at a time, in the order of raising, each until the broker
/// confirmed it. A crash between confirmation and mark publishes again, under the same message id.
/// </summary>
internal sealed class AlertRelay(AlertStore alerts, Broker broker, Leases leases, ILogger<AlertRelay> logger)
    : LeasedJob("alert-relay", TimeSpan.FromSeconds(1), leases, logger)
{
    public const string Exchange = "fraud.alerts";

    /// <summary>Holds the alerts until a team comes: an exchange without a queue would drop them.</summary>
    public const string Queue = "fraud-alerts";

    private const int AlertsAtOnce = 100;
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(100);

    protected override async Task RunAsync(CancellationToken cancellation)
    {
        await using var channel = await broker.OpenChannelAsync(cancellation);
        await DeclareAsync(channel, cancellation);
        while (!cancellation.IsCancellationRequested)
        {
            var waiting = await alerts.ListUnpublishedAsync(AlertsAtOnce, cancellation);
            foreach (var alert in waiting)
            {
                await PublishAsync(channel, alert, cancellation);
                await alerts.MarkPublishedAsync(alert.Position, cancellation);
                Telemetry.AlertsPublished.Add(1);
            }

            if (waiting.Count < AlertsAtOnce)
            {
                await Task.Delay(_poll, cancellation);
            }
        }
    }

    private static async Task DeclareAsync(IChannel channel, CancellationToken cancellation)
    {
        await channel.ExchangeDeclareAsync(
            Exchange, ExchangeType.Topic, durable: true, cancellationToken: cancellation);
        await channel.QueueDeclareAsync(
            Queue,
            durable: true,
            exclusive: false,
            autoDelete: false,
            arguments: new Dictionary<string, object?> { ["x-queue-type"] = "quorum" },
            cancellationToken: cancellation);
        await channel.QueueBindAsync(Queue, Exchange, "alert.#", cancellationToken: cancellation);
    }

    // Mandatory: an alert that no queue took fails here and is tried again, after the queue was declared anew.
    private static async Task PublishAsync(IChannel channel, UnpublishedAlert alert, CancellationToken cancellation)
    {
        var properties = new BasicProperties
        {
            MessageId = alert.AlertId.ToString(),
            Type = "FraudAlertRaised",
            ContentType = "application/json",
            Persistent = true,
        };
        if (alert.TraceParent is { } traceParent)
        {
            properties.Headers = new Dictionary<string, object?> { ["traceparent"] = traceParent };
        }

        await channel.BasicPublishAsync(
            Exchange,
            "alert.raised",
            mandatory: true,
            properties,
            Encoding.UTF8.GetBytes(alert.Body),
            cancellation);
    }
}
