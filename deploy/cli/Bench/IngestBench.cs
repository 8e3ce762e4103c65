using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Ecom.Cli.Demo;
using Ecom.Cli.Import;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Bench;

/// <summary>How events are offered.</summary>
internal sealed record IngestOptions
{
    /// <summary>How long events are sent.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Events in a request, 1 to 500.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Most requests in flight.</summary>
    public required int Senders { get; init; }

    /// <summary>Events a second; 0 as fast as answers come.</summary>
    public required double Rate { get; init; }
}

/// <summary>
/// How many events a second are accepted and processed to features, with every one accounted for: the run's own
/// customers have, in the end, exactly as many views as events were accepted. And what an event costs each process.
/// </summary>
internal sealed class IngestBench(SystemClient client, IngestionTarget target, InstanceDirectory instance)
{
    public const int Customers = 500;
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(15);
    private static readonly string[] _counter = ["customer_views_30d"];

    public async Task<BenchResult> RunAsync(
        IngestOptions options, Action<string> report, CancellationToken cancellation)
    {
        report("yard-stick: the bare endpoint for 3 s");
        var bare = await BareEndpoint.MeasureAsync(
            client.Address("ingestion"), perSecond: 0, options.Senders, cancellation);

        var run = RandomNumberGenerator.GetHexString(8, lowercase: true);
        var meter = new CpuMeter(instance);
        using var sender = new EventSender(target);
        var pace = options.Rate > 0 ? $"{options.Rate:N0} events/s" : $"{options.Senders} in flight, closed loop";
        report($"sending for {options.Duration.TotalSeconds:0} s: batches of {options.BatchSize}, {pace}");
        meter.Start();
        var watch = Stopwatch.StartNew();
        var load = await SendAsync(run, options, sender, cancellation);
        var features = WatchFeaturesAsync(run, sender.Taken, watch, cancellation);
        report($"{sender.Taken:N0} accepted in {load.Seconds:N1} s, waiting until they are features");
        await new Backlog(client).DrainAsync(report, cancellation);
        var featuresAt = await features;
        var processed = watch.Elapsed.TotalSeconds;
        var spent = meter.Stop(out var others);

        // Counted when all is done: an event that counts twice may do so late.
        var counted = await CountViewsAsync(run, cancellation);
        return Result(options, sender, load, bare, new Outcome(counted, featuresAt, processed, others, spent));
    }

    /// <summary>Views of the run's customers over HTTP, at a rate.</summary>
    public static async Task<LoadRun> SendAsync(
        string run, IngestOptions options, EventSender sender, CancellationToken cancellation)
    {
        var batches = Enumerable.Range(0, options.Senders)
            .Select(_ => new ViewBatch(run, options.BatchSize, Customers)).ToArray();
        return await new OpenLoop(options.Senders).RunAsync(
            options.Rate / options.BatchSize,
            options.Duration,
            (lane, number, stopped) => sender.SendAsync(
                "v1/batch", batches[lane].Fill(number, TimeProvider.System.GetUtcNow()), options.BatchSize, stopped),
            cancellation);
    }

    private static BenchResult Result(
        IngestOptions options, EventSender sender, LoadRun load, LoadRun bare, Outcome outcome)
    {
        double accepted = sender.Taken;
        var rate = accepted / outcome.ProcessedSeconds;
        var bareRate = bare.Sent / bare.Seconds;
        return new BenchResult
        {
            Bench = "ingest",
            Metrics = new Dictionary<string, double>
            {
                ["batchSize"] = options.BatchSize,
                ["eventsPerSecond"] = Math.Round(rate),
                ["acceptedPerSecond"] = Math.Round(accepted / load.Seconds),
                ["featuresPerSecond"] = Math.Round(accepted / outcome.FeaturesSeconds),
                ["accepted"] = accepted,
                ["unaccounted"] = accepted - outcome.Counted,
                ["p50Ms"] = load.LatenciesMs.At(0.50),
                ["p99Ms"] = load.LatenciesMs.At(0.99),
                ["retries"] = sender.Retries,
                ["cpuMicrosecondsPerEvent"] = Math.Round(outcome.Spent.Values.Sum() * 1e6 / accepted, 1),
                ["coresOfOthers"] = Math.Round(outcome.OtherSeconds / outcome.ProcessedSeconds, 2),
            },
            Yardstick = new Dictionary<string, double> { ["requestsPerSecond"] = Math.Round(bareRate) },
            Ratio = Math.Round(rate / bareRate, 3),
            Processes = outcome.Spent.ToDictionary(
                process => process.Key,
                process => (IReadOnlyDictionary<string, double>)new Dictionary<string, double>
                {
                    ["cpuMicrosecondsPerEvent"] = Math.Round(process.Value * 1e6 / accepted, 1),
                }),
            Targets = new Dictionary<string, BenchTarget>
            {
                ["eventsPerSecond"] = new(5_000, 15_000, AtLeast: true),
                ["unaccounted"] = new(0, 0, AtLeast: false),
            },
            Notes = load.FellBehind is { } behind ? [behind] : [],
        };
    }

    // Until the counters hold every event, or the backlog is long gone and they still do not.
    private async Task<double> WatchFeaturesAsync(
        string run, long accepted, Stopwatch watch, CancellationToken cancellation)
    {
        var (counted, changedAt) = (0.0, watch.Elapsed);
        while (counted < accepted && watch.Elapsed - changedAt < _patience)
        {
            await Task.Delay(_poll, cancellation);
            var now = await CountViewsAsync(run, cancellation);
            changedAt = now > counted ? watch.Elapsed : changedAt;
            counted = now;
        }

        return changedAt.TotalSeconds;
    }

    private async Task<double> CountViewsAsync(string run, CancellationToken cancellation)
    {
        var answer = await client.PostAsync(
            "feature-store",
            "/v1/features/read",
            new
            {
                entities = Enumerable.Range(0, Customers)
                    .Select(customer => new { entity = "customer", id = ViewBatch.CustomerId(run, customer) }),
                names = _counter,
            },
            cancellation);
        return (answer as JsonArray ?? []).Sum(entity => entity?["features"]?[0]?["value"]?.GetValue<double>() ?? 0);
    }

    private sealed record Outcome(
        double Counted,
        double FeaturesSeconds,
        double ProcessedSeconds,
        double OtherSeconds,
        IReadOnlyDictionary<string, double> Spent);
}
