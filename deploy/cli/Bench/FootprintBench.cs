using System.Diagnostics;
using System.Globalization;
using Ecom.Cli.Infrastructure;
using Ecom.Cli.Services;

namespace Ecom.Cli.Bench;

/// <summary>Memory of the services as they are now, and how long everything takes to start.</summary>
internal sealed class FootprintBench(InstanceDirectory instance)
{
    private const double KibibytesPerMebibyte = 1024;
    private static readonly TimeSpan _settle = TimeSpan.FromSeconds(30);

    /// <param name="cold">Stops everything first and times the start.</param>
    /// <param name="report">Told each stage.</param>
    /// <param name="cancellation">Leaves what has been started.</param>
    public async Task<BenchResult> RunAsync(bool cold, Action<string> report, CancellationToken cancellation)
    {
        var ready = cold ? await RestartAsync(report, cancellation) : (double?)null;
        var services = ServiceDefinition.All.Select(service => service.Name).ToHashSet();
        var memory = ProcessTree.Of(instance).ToDictionary(group => group.Key, group => group.Select(Read).ToArray());
        if (services.Except(memory.Keys).ToArray() is { Length: > 0 } down)
        {
            throw new SetupException($"{string.Join(", ", down)} does not run. Run ./ecom up.");
        }

        double Sum(Func<Memory, double> of, bool ofServices) => Math.Round(memory
            .Where(pair => services.Contains(pair.Key) == ofServices).Sum(pair => pair.Value.Sum(of)));
        var metrics = new Dictionary<string, double>
        {
            ["residentMiB"] = Sum(read => read.Resident, ofServices: true),
            ["proportionalMiB"] = Sum(read => read.Proportional, ofServices: true),
            ["serversProportionalMiB"] = Sum(read => read.Proportional, ofServices: false),
        };
        if (ready is { } seconds)
        {
            metrics["readySeconds"] = Math.Round(seconds, 1);
        }

        var own = Read(Environment.ProcessId);
        return new BenchResult
        {
            Bench = "footprint",
            Metrics = metrics,
            Yardstick = new Dictionary<string, double> { ["thisCommandResidentMiB"] = Math.Round(own.Resident) },
            Ratio = Math.Round(metrics["residentMiB"] / services.Count / own.Resident, 2),
            Processes = memory.OrderByDescending(pair => pair.Value.Sum(read => read.Proportional)).ToDictionary(
                pair => pair.Key,
                pair => (IReadOnlyDictionary<string, double>)new Dictionary<string, double>
                {
                    ["residentMiB"] = Math.Round(pair.Value.Sum(read => read.Resident)),
                    ["proportionalMiB"] = Math.Round(pair.Value.Sum(read => read.Proportional)),
                    ["privateMiB"] = Math.Round(pair.Value.Sum(read => read.Private)),
                }),
            Targets = new Dictionary<string, BenchTarget>
            {
                ["residentMiB"] = new(1.5 * 1024, 1024, AtLeast: false),
                ["readySeconds"] = new(60, 25, AtLeast: false),
            },
            Notes = ["Resident counts pages that processes share in each of them; proportional divides them."],
        };
    }

    private async Task<double> RestartAsync(Action<string> report, CancellationToken cancellation)
    {
        var system = new EcomSystem(instance);
        await system.DownAsync(purge: false, _ => { }, cancellation);
        report("everything is stopped");
        var watch = Stopwatch.StartNew();
        await system.UpAsync(new UpOptions(), _ => { }, cancellation);
        var seconds = watch.Elapsed.TotalSeconds;
        report($"ready after {seconds.ToString("0.0", CultureInfo.InvariantCulture)} s; "
            + $"settling for {_settle.TotalSeconds:0} s");
        await Task.Delay(_settle, cancellation);
        return seconds;
    }

    private static Memory Read(int process)
    {
        // A process of another user or one that has ended shows nothing.
        try
        {
            return Parse(File.ReadAllText($"/proc/{process}/smaps_rollup"));
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            return new Memory(0, 0, 0);
        }
    }

    /// <summary>Mebibytes from <c>/proc/pid/smaps_rollup</c>.</summary>
    internal static Memory Parse(string rollup)
    {
        var values = rollup.Split('\n')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length == 3)
            .ToDictionary(fields => fields[0], fields => double.Parse(fields[1], CultureInfo.InvariantCulture));
        return new Memory(
            values["Rss:"] / KibibytesPerMebibyte,
            values["Pss:"] / KibibytesPerMebibyte,
            (values["Private_Clean:"] + values["Private_Dirty:"]) / KibibytesPerMebibyte);
    }

    /// <param name="Resident">All pages in memory.</param>
    /// <param name="Proportional">Shared pages divided among those that share them.</param>
    /// <param name="Private">Pages that nobody shares.</param>
    internal sealed record Memory(double Resident, double Proportional, double Private);
}
