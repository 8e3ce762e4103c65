using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Ecom.ServiceDefaults.Messaging;

/// <summary>Shows how many messages wait in the outbox and for how long.</summary>
internal sealed class OutboxCheck(Outbox outbox) : IHealthCheck
{
    private const double SlowSeconds = 30;

    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var backlog = await outbox.ReadBacklogAsync(cancellationToken);
        var data = new Dictionary<string, object>
        {
            ["rows"] = backlog.Rows,
            ["oldestSeconds"] = backlog.OldestSeconds,
        };
        return backlog.OldestSeconds > SlowSeconds
            ? HealthCheckResult.Degraded("Messages wait long in the outbox.", data: data)
            : HealthCheckResult.Healthy(data: data);
    }
}
