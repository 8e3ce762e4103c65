using System.Text.Json.Nodes;
using Ecom.Cli.Bench;

namespace Ecom.UnitTests.Cli.Bench;

public sealed class BenchTests
{
    [Fact]
    public void A_batch_is_json_whose_events_have_ids_of_their_own()
    {
        var batch = new ViewBatch("run", size: 3, customers: 2);
        var at = new DateTimeOffset(2026, 11, 24, 13, 0, 0, 5, TimeSpan.Zero);

        var first = Events(batch.Fill(0, at));
        var second = Events(batch.Fill(1, at.AddSeconds(1)));

        Assert.Equal(6, first.Concat(second).Select(view => view["messageId"]!.GetValue<string>()).Distinct().Count());
        Assert.Equal("2026-11-24T13:00:00.005Z", first[0]["timestamp"]!.GetValue<string>());
        Assert.Equal("2026-11-24T13:00:01.005Z", second[2]["timestamp"]!.GetValue<string>());
        Assert.All(first.Concat(second).Index(), view =>
            Assert.Equal(ViewBatch.CustomerId("run", view.Index % 2), view.Item["userId"]!.GetValue<string>()));
        Assert.Equal("bench-001", first[1]["properties"]!["product_id"]!.GetValue<string>());
        Assert.Equal("s-run-00001", first[1]["context"]!["sessionId"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_rate_is_kept_and_latency_counts_from_the_intended_time()
    {
        // Two lanes of 200 ms serve 10 requests a second; 100 are offered, so the last ones wait for long.
        var run = await new OpenLoop(lanes: 2).RunAsync(
            100,
            TimeSpan.FromSeconds(0.5),
            (_, _, stopped) => Task.Delay(200, stopped),
            CancellationToken.None);

        Assert.Equal(50, run.Sent + run.Unsent);
        Assert.InRange(run.Unsent, 1, 49);
        Assert.NotNull(run.FellBehind);
        Assert.True(run.LatenciesMs.At(0.99) > 150, $"p99 was {run.LatenciesMs.At(0.99)} ms");
    }

    [Fact]
    public async Task A_system_that_keeps_up_gets_every_request()
    {
        var numbers = new System.Collections.Concurrent.ConcurrentBag<long>();

        var run = await new OpenLoop(lanes: 20).RunAsync(
            200,
            TimeSpan.FromSeconds(0.3),
            (_, number, _) =>
            {
                numbers.Add(number);
                return Task.CompletedTask;
            },
            CancellationToken.None);

        Assert.Null(run.FellBehind);
        Assert.Equal(Enumerable.Range(0, 60).Select(number => (long)number), numbers.Order());
    }

    [Fact]
    public void A_quantile_is_that_of_the_requests_between_two_readings()
    {
        var before = DurationHistogram.Parse(Metrics(slow: 0, fast: 100), "/v1/a");
        var after = DurationHistogram.Parse(Metrics(slow: 10, fast: 190), "/v1/a");

        var between = after.Since(before);

        Assert.Equal(0.0005, between.Quantile(0.45), 1e-9);
        Assert.Equal(0.001 + (0.001 * 0.9), between.Quantile(0.99), 1e-9);
    }

    [Fact]
    public void Processor_time_includes_children_that_have_ended()
    {
        const string Stat = "42 (a (b) c) S 1 42 42 0 -1 4194304 1 2 3 4 150 50 30 20 20 0 9 0 12345 1 2 3";

        Assert.Equal(2.5, CpuMeter.ProcessSeconds(Stat));
        Assert.Equal(6, CpuMeter.MachineSeconds("cpu  100 100 100 5000 7 100 200 0 0 0"));
    }

    [Fact]
    public void Memory_is_read_from_the_kernels_summary()
    {
        const string Rollup = """
            7f00-7fff ---p 00000000 00:00 0 [rollup]
            Rss:              204800 kB
            Pss:              102400 kB
            Private_Clean:      1024 kB
            Private_Dirty:     50176 kB
            """;

        Assert.Equal(new FootprintBench.Memory(200, 100, 50), FootprintBench.Parse(Rollup));
    }

    private static JsonNode[] Events(ReadOnlyMemory<byte> body) =>
        [.. JsonNode.Parse(body.Span)!["batch"]!.AsArray().OfType<JsonNode>()];

    private static string Metrics(int slow, int fast) => $$"""
        # TYPE http_server_request_duration_seconds histogram
        http_server_request_duration_seconds_bucket{http_route="/v1/a",status="200",le="0.001"} {{fast}} 1
        http_server_request_duration_seconds_bucket{http_route="/v1/a",status="200",le="0.002"} {{fast + slow}} 1
        http_server_request_duration_seconds_bucket{http_route="/v1/a",status="200",le="+Inf"} {{fast + slow}} 1
        http_server_request_duration_seconds_bucket{http_route="/v1/b",status="200",le="0.001"} 1000 1
        """;
}
