using Microsoft.Extensions.Diagnostics.HealthChecks;
using RabbitMQ.Client.Exceptions;

namespace Ecom.ServiceDefaults.Messaging;

/// <summary>
/// Healthy when each queue of this service has a consumer: a connection alone says nothing, consumers can vanish
/// behind it. Shows depth, consumers and the error queue of each.
/// </summary>
internal sealed class QueueCheck(Broker broker, ConsumerQueues queues) : IHealthCheck
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
            var errors = await broker.ReadQueueAsync(ErrorQueues.NameOf(name), cancellation);
            data[name] = new
            {
                messages = queue?.Messages ?? 0,
                consumers = queue?.Consumers ?? 0,
                errors = errors?.Messages ?? 0,
            };
            if (queue is null || queue.Consumers == 0)
            {
                without.Add(name);
            }
        }

        return without.Count == 0
            ? HealthCheckResult.Healthy(data: data)
            : HealthCheckResult.Unhealthy($"No consumer on {string.Join(", ", without)}.", data: data);
    }
}
