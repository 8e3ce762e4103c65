using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Ecom.Cli.Demo;
using Ecom.Cli.Import;

namespace Ecom.Cli.Bench;

/// <summary>
/// How many events a second are accepted and processed to features, with every one accounted for: the run's own
/// customers have,
/// in the end, exactly as many views as events were accepted.
/// </summary>
/// <remarks>
/// Closed loop: a sender waits for its answer before it sends again. Generator and system share the machine.
/// </remarks>
internal sealed class IngestBench(SystemClient client, IngestionGateway gateway, TimeProvider clock)
{
    private const int Customers = 500;
    private const int YardstickSeconds = 3;
    private static readonly string[] _counter = ["customer_views_30d"];
    private readonly string _run = RandomNumberGenerator.GetHexString(8, lowercase: true);

    /// <param name="seconds">How long events are sent.</param>
    /// <param name="batchSize">Events in a request, 1 to 500.</param>
    /// <param name="senders">Requests in flight.</param>
    /// <param name="report">Told each stage.</param>
    /// <param name="cancellation">Stops the run.</param>
    public async Task<BenchResult> RunAsync(
        int seconds, int batchSize, int senders, Action<string> report, CancellationToken cancellation)
    {
        report($"yard-stick: the bare endpoint for {YardstickSeconds} s");
        var bare = await MeasureBareAsync(senders, cancellation);

        report($"sending for {seconds} s: batches of {batchSize}, {senders} senders");
        var watch = Stopwatch.StartNew();
        var sent = await Task.WhenAll(Enumerable.Range(0, senders)
            .Select(sender => SendAsync(sender, TimeSpan.FromSeconds(seconds), batchSize, cancellation)));
        var sending = watch.Elapsed.TotalSeconds;
        var accepted = sent.Sum(sender => sender.Accepted);

        report($"{accepted:N0} accepted in {sending:N1} s, waiting until they are features");
        await new Backlog(client).DrainAsync(report, cancellation);
        var processed = watch.Elapsed.TotalSeconds;
        var latencies = sent.SelectMany(sender => sender.LatenciesMs).Order().ToArray();
        var rate = accepted / processed;
        return new BenchResult
        {
            Bench = "ingest",
            Metrics = new Dictionary<string, double>
            {
                ["eventsPerSecond"] = Math.Round(rate),
                ["acceptedPerSecond"] = Math.Round(accepted / sending),
                ["accepted"] = accepted,
                ["unaccounted"] = accepted - await CountViewsAsync(cancellation),
                ["p50Ms"] = Percentile(latencies, 0.50),
                ["p99Ms"] = Percentile(latencies, 0.99),
                ["batchSize"] = batchSize,
            },
            Yardstick = new Dictionary<string, double> { ["requestsPerSecond"] = Math.Round(bare) },
            Ratio = Math.Round(rate / bare, 3),
        };
    }

    private async Task<(long Accepted, List<double> LatenciesMs)> SendAsync(
        int sender, TimeSpan duration, int batchSize, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var latencies = new List<double>();
        long accepted = 0;
        for (var batch = 0; watch.Elapsed < duration; batch++)
        {
            var events = Enumerable.Range(0, batchSize)
                .Select(index => View($"{_run}-{sender}-{batch}-{index}", ((batch * batchSize) + index) % Customers))
                .ToArray();
            var before = watch.Elapsed;
            var verdicts = await gateway.SendEventsAsync(events, cancellation);
            latencies.Add((watch.Elapsed - before).TotalMilliseconds);
            accepted += verdicts.Count(verdict => verdict.Status == Verdict.Accepted);
        }

        return (accepted, latencies);
    }

    private ReadOnlyMemory<byte> View(string messageId, int customer) => Encoding.UTF8.GetBytes($$$"""
        {"type":"track","event":"Product Viewed","messageId":"{{{messageId}}}",
        "userId":"bench-{{{_run}}}-{{{customer}}}","timestamp":"{{{clock.GetUtcNow():O}}}",
        "context":{"sessionId":"s-{{{_run}}}-{{{customer}}}"},
        "properties":{"product_id":"bench-{{{customer % 100}}}","price":9.99,"currency":"GBP"}}
        """);

    private async Task<double> CountViewsAsync(CancellationToken cancellation)
    {
        var answer = await client.PostAsync(
            "feature-store",
            "/v1/features/read",
            new
            {
                entities = Enumerable.Range(0, Customers)
                    .Select(customer => new { entity = "customer", id = $"bench-{_run}-{customer}" }),
                names = _counter,
            },
            cancellation);
        return (answer as JsonArray ?? []).Sum(entity => entity?["features"]?[0]?["value"]?.GetValue<double>() ?? 0);
    }

    private async Task<double> MeasureBareAsync(int senders, CancellationToken cancellation)
    {
        using var http = new HttpClient();
        var address = client.Address("ingestion", "/health/live");
        var watch = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, senders).Select(async _ =>
        {
            long count = 0;
            while (watch.Elapsed.TotalSeconds < YardstickSeconds)
            {
                using var answer = await http.GetAsync(address, cancellation);
                count++;
            }

            return count;
        }));
        return counts.Sum() / watch.Elapsed.TotalSeconds;
    }

    private static double Percentile(double[] sorted, double share) => sorted.Length == 0
        ? 0
        : Math.Round(sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))], 1);
}

/// <summary>What a benchmark came to, in the form of its JSON.</summary>
internal sealed record BenchResult
{
    public required string Bench { get; init; }

    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>The same machine at something plain, in the same run.</summary>
    public required IReadOnlyDictionary<string, double> Yardstick { get; init; }

    /// <summary>Main figure over the yard-stick.</summary>
    public required double Ratio { get; init; }
}
