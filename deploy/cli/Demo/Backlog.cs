using System.Text.Json.Nodes;
using Ecom.Cli.Services;

namespace Ecom.Cli.Demo;

/// <summary>What is still under way between the services: outboxes and queues, as their health tells.</summary>
internal sealed class Backlog(SystemClient client)
{
    private const int QuietReads = 3;
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(700);

    /// <summary>Waits until everything that was accepted is processed.</summary>
    /// <param name="report">Told what is left, every few seconds.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public async Task DrainAsync(Action<string> report, CancellationToken cancellation)
    {
        var quiet = 0;
        for (var read = 1; quiet < QuietReads; read++)
        {
            var left = await CountAsync(cancellation);
            quiet = left == 0 ? quiet + 1 : 0;
            if (left > 0 && read % 8 == 0)
            {
                report($"{left:N0} messages are under way");
            }

            await Task.Delay(_interval, cancellation);
        }
    }

    /// <summary>
    /// Messages in outboxes, queues, and put aside to be tried again; what failed for good does not count.
    /// </summary>
    public async Task<long> CountAsync(CancellationToken cancellation)
    {
        var health = await Task.WhenAll(ServiceDefinition.All
            .Where(service => service.Name != "console")
            .Select(service => client.TryReadHealthAsync(service.Name, cancellation)));

        // A service that does not answer has an unknown backlog, which is not none.
        return health.Sum(answer => answer is null ? 1 : WaitingIn(answer));
    }

    internal static long WaitingIn(JsonNode health) =>
        (health["checks"]?.AsArray() ?? []).Sum(check => check?["name"]?.GetValue<string>() switch
        {
            "outbox" => check["data"]?["rows"]?.GetValue<long>() ?? 0,
            "queues" => (check["data"]?.AsObject() ?? []).Sum(queue => queue.Value?["messages"]?.GetValue<long>() ?? 0),
            _ => 0,
        });
}
