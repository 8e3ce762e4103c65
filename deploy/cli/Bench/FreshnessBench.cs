using System.Diagnostics;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Ecom.Cli.Demo;
using Ecom.Cli.Import;

namespace Ecom.Cli.Bench;

/// <summary>
/// From an event's HTTP request to its online feature, under load: probes of fresh customers go beside a steady stream
/// of batches, and each is read until its view counts.
/// </summary>
internal sealed class FreshnessBench(SystemClient client, IngestionTarget target)
{
    private const double ProbesPerSecond = 20;
    private const int Lanes = 200;
    private const string Counter = "customer_views_30d";
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _warmUp = TimeSpan.FromSeconds(3);

    private readonly string _run = RandomNumberGenerator.GetHexString(8, lowercase: true);
    private long _missing;

    /// <param name="load">The stream beside the probes; a rate of 0 is none.</param>
    /// <param name="report">Told each stage.</param>
    /// <param name="cancellation">Stops the run.</param>
    public async Task<BenchResult> RunAsync(
        IngestOptions load, Action<string> report, CancellationToken cancellation)
    {
        report("yard-stick: the bare endpoint, as often as probes, for 3 s");
        var bare = await BareEndpoint.MeasureAsync(
            client.Address("feature-store"), ProbesPerSecond, Lanes, cancellation);

        report($"{ProbesPerSecond} probes/s beside {load.Rate:N0} events/s for {load.Duration.TotalSeconds:0} s");
        using var background = new EventSender(target);
        using var probes = new EventSender(target);
        using var reader = client.Connect();
        var noise = load.Rate == 0
            ? null
            : IngestBench.SendAsync(
                _run, load with { Duration = load.Duration + _warmUp }, background, cancellation);
        await Task.Delay(_warmUp, cancellation);
        var probed = await new OpenLoop(Lanes).RunAsync(
            ProbesPerSecond,
            load.Duration,
            (_, number, stopped) => ProbeAsync(probes, reader, number, stopped),
            cancellation);
        var sent = noise is null ? null : await noise;
        await new Backlog(client).DrainAsync(report, cancellation);

        return new BenchResult
        {
            Bench = "freshness",
            Metrics = new Dictionary<string, double>
            {
                ["p50Ms"] = probed.LatenciesMs.At(0.50),
                ["p99Ms"] = probed.LatenciesMs.At(0.99),
                ["maxMs"] = probed.LatenciesMs.Max,
                ["probes"] = probed.Sent,
                ["unaccounted"] = Interlocked.Read(ref _missing),
                ["eventsPerSecond"] = sent is null ? 0 : Math.Round(background.Taken / sent.Seconds),
                ["retries"] = background.Retries + probes.Retries,
            },
            Yardstick = new Dictionary<string, double> { ["p99Ms"] = bare.LatenciesMs.At(0.99) },
            Ratio = Math.Round(probed.LatenciesMs.At(0.99) / bare.LatenciesMs.At(0.99), 1),
            Targets = new Dictionary<string, BenchTarget>
            {
                ["p99Ms"] = new(1_000, 300, AtLeast: false),
                ["unaccounted"] = new(0, 0, AtLeast: false),
            },
            Notes = [.. new[] { probed.FellBehind, sent?.FellBehind }.OfType<string>()],
        };
    }

    private async Task ProbeAsync(
        EventSender sender, HttpClient reader, long number, CancellationToken cancellation)
    {
        var customer = $"probe-{_run}-{number:D8}";
        await sender.SendAsync("v1/track", View(customer), 1, cancellation);
        var path = client.Address("feature-store", $"/v1/features/customer/{customer}?names={Counter}");
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < _patience;)
        {
            var read = await reader.GetFromJsonAsync<JsonNode>(path, cancellation);
            if (read?["features"]?[0]?["value"]?.GetValue<double>() >= 1)
            {
                return;
            }

            await Task.Delay(_poll, cancellation);
        }

        Interlocked.Increment(ref _missing);
    }

    private static byte[] View(string customer) => Encoding.UTF8.GetBytes($$$"""
        {"type":"track","event":"Product Viewed","messageId":"{{{customer}}}","userId":"{{{customer}}}",
        "timestamp":"{{{ViewBatch.EventTime(TimeProvider.System.GetUtcNow())}}}",
        "properties":{"product_id":"bench-001","price":9.99,"currency":"GBP"}}
        """);
}
