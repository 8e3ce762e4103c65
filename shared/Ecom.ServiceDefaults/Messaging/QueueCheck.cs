using Ecom.ServiceDefaults.Messaging.Failures;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RabbitMQ.Client.Exceptions;

namespace Ecom.ServiceDefaults.Messaging;

/// <summary>
/// Healthy when each queue of this service has a consumer: a connection alone says nothing, consumers can vanish
/// behind it. Shows depth, consumers and failed messages of each, and what waits in the delay queues to be tried again.
/// </summary>
internal sealed class QueueCheck(Broker broker, ConsumerQueues queues, FailureQueues failures, ParkedCounts parked)
    : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            return await InspectAsync(cancellationToken);
        }
        catch (Exception error) when (error is BrokerUnreachableException or OperationInterruptedException)
        {
            return HealthCheckResult.Unhealthy("RabbitMQ cannot be reached.");
        }
    }

    private async Task<HealthCheckResult> InspectAsync(CancellationToken cancellation)
    {
        var data = new Dictionary<string, object>();
        var without = new List<string>();
        foreach (var name in queues.Names)
        {
            var queue = await broker.ReadQueueAsync(name, cancellation);
            var errors = await broker.ReadQueueAsync(FailureQueues.ErrorsOf(name), cancellation);
            data[name] = new
            {
                messages = queue?.Messages ?? 0,
                consumers = queue?.Consumers ?? 0,
                errors = parked.Of(name) + (errors?.Messages ?? 0),
            };
            if (queue is null || queue.Consumers == 0)
            {
                without.Add(name);
            }
        }

        foreach (var (name, delay) in queues.Names.Count == 0 ? [] : failures.Delays)
        {
            var waiting = await broker.ReadQueueAsync(name, cancellation);
            data[name] = new { messages = waiting?.Messages ?? 0, delaySeconds = delay.TotalSeconds };
        }

        return without.Count == 0
            ? HealthCheckResult.Healthy(data: data)
            : HealthCheckResult.Unhealthy($"No consumer on {string.Join(", ", without)}.", data: data);
    }
}
