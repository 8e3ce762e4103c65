using System.Text.Json.Nodes;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Demo;

/// <summary>Trains models through the life cycle and waits for each run's end.</summary>
internal sealed class DemoTraining(SystemClient client)
{
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// One run after another: each is measured against the champion that the one before may have become.
    /// </summary>
    /// <exception cref="SetupException">A run failed; says why.</exception>
    public async Task RunAsync(
        IEnumerable<string> trainers, Action<string> report, CancellationToken cancellation)
    {
        foreach (var trainer in trainers)
        {
            var run = await client.PostAsync("training", "/v1/runs", new { trainer, reason = "demo" }, cancellation);
            report(Describe(await WaitAsync(run!["runId"]!.GetValue<string>(), report, cancellation)));
        }
    }

    private async Task<JsonNode> WaitAsync(string runId, Action<string> report, CancellationToken cancellation)
    {
        var stage = string.Empty;
        while (true)
        {
            var run = await client.GetAsync("training", $"/v1/runs/{runId}", cancellation)
                ?? throw new SetupException($"Training has lost run {runId}.");
            switch (run["state"]!.GetValue<string>())
            {
                case "succeeded":
                    return run;
                case "failed" or "cancelled":
                    throw new SetupException($"Training {run["trainer"]} {run["state"]}: {run["error"]}");
            }

            var now = run["stage"]!.GetValue<string>();
            if (now != stage && now.Length > 0)
            {
                report($"{run["trainer"]}: {now}");
                stage = now;
            }

            await Task.Delay(_interval, cancellation);
        }
    }

    private static string Describe(JsonNode run) => $"{run["trainer"]}: trained on {run["dataSet"]?["rows"]} rows";
}
