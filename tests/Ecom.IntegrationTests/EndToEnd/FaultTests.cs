using Ecom.Cli.Bench.Faults;
using Ecom.Cli.Infrastructure;
using Xunit;
using Xunit.Abstractions;

namespace Ecom.IntegrationTests.EndToEnd;

/// <summary>Runs alone: its system takes the whole machine, and its recoveries are timed.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class FaultCollection
{
    public const string Name = "faults";
}

/// <summary>The short form of <c>./ecom bench faults</c>, with the services as they were built in Release.</summary>
[Collection(FaultCollection.Name)]
public sealed class FaultTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Nothing_accepted_is_lost_or_counts_twice_whatever_dies()
    {
        var report = await RunAsync(new FaultOptions
        {
            Folder = Path.Combine(Repository.OwnTestInstances, "faults"),
            Events = 4_000,
            Rate = 400,
            Faults = ["broker", "feature-store", "fraud", "postgres"],
            MostSeconds = 180,
            Built = true,
        });

        Assert.All(report.Faults, fault => Assert.Null(fault.Failure));
        Assert.All(report.Findings.Counts, count => Assert.Equal(0, count.Value));
        Assert.True(report.Findings.Recounted > 1_000, "The recount compared next to nothing.");
    }

    [Fact]
    public async Task Without_the_inbox_the_recount_finds_counters_off()
    {
        var report = await RunAsync(new FaultOptions
        {
            Folder = Path.Combine(Repository.OwnTestInstances, "faults-control"),
            Events = 1_500,
            Rate = 400,
            Faults = [],
            InboxOff = true,
            Built = true,
        });

        Assert.True(report.Findings.Counts[Findings.Off] > 0);
        Assert.Equal(0, report.Findings.Counts[Findings.Lost]);
    }

    private async Task<FaultReport> RunAsync(FaultOptions options)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(500));
        var report = await new FaultBench(options, TimeProvider.System).RunAsync(output.WriteLine, limit.Token);
        foreach (var line in report.Findings.Lines.Concat(report.Faults.Select(fault => fault.ToString())))
        {
            output.WriteLine(line);
        }

        return report;
    }
}
