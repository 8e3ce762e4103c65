using System.Diagnostics;
using System.Text.Json.Nodes;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Demo;

/// <summary>
/// Lets the deciding services finish what they make from models and history: lists, segments, rules, forecasts.
/// </summary>
internal sealed class DemoDecisions(SystemClient client)
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(500);

    /// <exception cref="SetupException">Something is not there after five minutes; says what.</exception>
    public async Task PrepareAsync(Action<string> report, CancellationToken cancellation)
    {
        await client.PostAsync("forecasting", "/v1/forecast-runs", null, cancellation);
        await client.PostAsync("profiling", "/v1/rule-runs", null, cancellation);

        await WaitAsync("recommendation lists of the champion", ListsServeAsync, report, cancellation);
        await WaitAsync("segments of the champion", SegmentsServeAsync, report, cancellation);
        await WaitAsync("forecasts", ForecastsFinishedAsync, report, cancellation);
        await WaitAsync("rules", RulesFinishedAsync, report, cancellation);

        Task<bool> ForecastsFinishedAsync() => FinishedAsync("forecasting", "/v1/forecast-runs", cancellation);

        Task<bool> RulesFinishedAsync() => FinishedAsync("profiling", "/v1/rule-runs", cancellation);

        Task<bool> ListsServeAsync() => ServesChampionAsync(
            "recommendation",
            "recommendation",
            "/v1/recommendations",
            answer => answer["model"]?["version"],
            cancellation);

        Task<bool> SegmentsServeAsync() => ServesChampionAsync(
            "segments", "profiling", "/v1/segments", answer => answer["modelVersion"], cancellation);
    }

    private async Task<bool> ServesChampionAsync(
        string model,
        string service,
        string path,
        Func<JsonNode, JsonNode?> versionOf,
        CancellationToken cancellation)
    {
        var champion = await client.GetAsync("training", $"/v1/models/{model}/champion", cancellation);
        var answer = await client.GetAsync(service, path, cancellation);
        return champion is not null
            && answer is not null
            && versionOf(answer)?.GetValue<int>() == champion["version"]?.GetValue<int>();
    }

    private async Task<bool> FinishedAsync(string service, string path, CancellationToken cancellation)
    {
        var runs = (await client.GetAsync(service, path, cancellation)).Rows();
        return runs.Count > 0 && runs[0]["state"]?.GetValue<string>() == "succeeded";
    }

    private static async Task WaitAsync(
        string what, Func<Task<bool>> isThere, Action<string> report, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        while (!await isThere())
        {
            if (watch.Elapsed > _patience)
            {
                throw new SetupException(
                    $"After {_patience.TotalMinutes:N0} minutes there are no {what}. See ./ecom logs.");
            }

            await Task.Delay(_interval, cancellation);
        }

        report($"{what} are there");
    }
}
