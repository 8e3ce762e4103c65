using System.Diagnostics;
using System.Globalization;
using Xunit;
using Xunit.Abstractions;

namespace Ecom.IntegrationTests.Ingestion;

public sealed class ThroughputTests(IngestionFixture ingestion, ITestOutputHelper output)
    : IClassFixture<IngestionFixture>
{
    // A floor far below what a quiet machine does, so that only a broken group commit falls through it.
    private const int FloorPerSecond = 300;

    [Fact]
    public async Task Concurrent_batches_are_committed_at_a_steady_rate()
    {
        const int Batches = 100;
        const int Events = 100;
        string BatchOf(int batch) => IngestionFixture.Batch(
            [.. Enumerable.Range(0, Events).Select(i => IngestionFixture.View($"rate-{batch}-{i}", $"u{i}"))]);
        await ingestion.SendAsync("/v1/batch", BatchOf(-1));

        var watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Batches),
            new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (batch, _) => Assert.Equal(202, (await ingestion.SendAsync("/v1/batch", BatchOf(batch))).Status));

        var rate = Batches * Events / watch.Elapsed.TotalSeconds;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rate:N0} accepted events a second"));
        Assert.InRange(rate, FloorPerSecond, double.MaxValue);
    }
}
