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
            var run = await EndAsync(trainer, new { }, report, cancellation);
            if (!HasSucceeded(run))
            {
                throw new SetupException($"Training {trainer} {run["state"]}: {run["error"]}");
            }
        }
    }

    /// <summary>Trains a model that a shop may have no data for.</summary>
    /// <returns>Why there is no version of it; null if there is one.</returns>
    public async Task<string?> TryRunAsync(
        string trainer, object options, Action<string> report, CancellationToken cancellation)
    {
        var run = await EndAsync(trainer, options, report, cancellation);
        return HasSucceeded(run) ? null : run["error"]?.ToString() ?? $"The run was {run["state"]}.";
    }

    private async Task<JsonNode> EndAsync(
        string trainer, object options, Action<string> report, CancellationToken cancellation)
    {
        var started = await client.PostAsync(
            "training", "/v1/runs", new { trainer, options, reason = "demo" }, cancellation);
        var run = await WaitAsync(started!["runId"]!.GetValue<string>(), report, cancellation);
        if (HasSucceeded(run))
        {
            report($"{trainer}: trained on {run["dataSet"]?["rows"]} rows");
        }

        return run;
    }

    private static bool HasSucceeded(JsonNode run) => run["state"]!.GetValue<string>() == "succeeded";

    private async Task<JsonNode> WaitAsync(string runId, Action<string> report, CancellationToken cancellation)
    {
        var stage = string.Empty;
        while (true)
        {
            var run = await client.GetAsync("training", $"/v1/runs/{runId}", cancellation)
                ?? throw new SetupException($"Training has lost run {runId}.");
            if (run["state"]!.GetValue<string>() is "succeeded" or "failed" or "cancelled")
            {
                return run;
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
}
