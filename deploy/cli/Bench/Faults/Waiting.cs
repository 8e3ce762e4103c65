using System.Text.Json.Nodes;
using Ecom.Cli.Services;

namespace Ecom.Cli.Bench.Faults;

/// <summary>What is under way, by outbox and queue: tells which part does not move.</summary>
internal static class Waiting
{
    /// <summary>In words, for example "fraud-order-placed 12 (8 consumers)"; empty if nothing waits.</summary>
    public static async Task<string> DescribeAsync(TrialSystem trial, CancellationToken cancellation)
    {
        var parts = await Task.WhenAll(ServiceDefinition.All.Select(async service =>
            await trial.Client.TryReadHealthAsync(service.Name, cancellation) is { } health
                ? PartsOf(service.Name, health)
                : [$"{service.Name} does not answer"]));
        return string.Join(", ", parts.SelectMany(part => part));
    }

    private static IEnumerable<string> PartsOf(string service, JsonNode health) =>
        (health["checks"]?.AsArray() ?? []).SelectMany(check => check?["name"]?.GetValue<string>() switch
        {
            "outbox" when Number(check["data"], "rows") is > 0 and var rows => [$"outbox of {service} {rows}"],
            "queues" => (check["data"]?.AsObject() ?? [])
                .Where(queue => Number(queue.Value, "messages") > 0)
                .Select(queue =>
                    $"{queue.Key} {Number(queue.Value, "messages")} ({Number(queue.Value, "consumers")} consumers)"),
            _ => Enumerable.Empty<string>(),
        });

    private static long Number(JsonNode? node, string name) => node?[name]?.GetValue<long>() ?? 0;
}
