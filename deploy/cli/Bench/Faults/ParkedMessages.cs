using Ecom.Cli.Services;

namespace Ecom.Cli.Bench.Faults;

/// <summary>Poison must be parked, everything else must not.</summary>
internal static class ParkedMessages
{
    public static async Task CheckAsync(
        TrialSystem trial, int poison, Findings findings, CancellationToken cancellation)
    {
        var expected = poison * Subscribers.Of("ingestion")
            .Count(queue => queue.EndsWith("-order-placed", StringComparison.Ordinal));
        var found = 0L;
        foreach (var service in ServiceDefinition.All.Where(service => service.Name != "console"))
        {
            var health = await trial.GetAsync(service.Name, "/health/ready", cancellation);
            found += (health["checks"]?.AsArray() ?? [])
                .Where(check => check?["name"]?.GetValue<string>() == "queues")
                .SelectMany(check => check?["data"]?.AsObject() ?? [])
                .Sum(queue => queue.Value?["errors"]?.GetValue<long>() ?? 0);
        }

        findings.Add(
            Findings.Parked,
            Math.Abs(found - expected),
            () => $"{found} messages are parked, of which {expected} are poison");
    }
}
