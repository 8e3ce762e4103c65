using System.CommandLine;
using System.Globalization;
using Ecom.Cli.Bench;
using Ecom.Cli.Bench.Faults;
using Ecom.Cli.Infrastructure;
using Spectre.Console;

namespace Ecom.Cli.Commands;

/// <summary><c>./ecom bench faults</c></summary>
internal static class FaultsCommand
{
    public static Command Create()
    {
        var events = Whole("--events", "Events in all; each fault gets an equal share.", 100_000);
        var rate = Whole("--rate", "Events offered a second.", 800);
        var most = Whole("--most-seconds", "The longest that a recovery may take.", 30);
        var seed = Whole("--seed", "The same seed gives the same stream.", 1);
        var only = new Option<string?>("--only")
        {
            Description = $"Some faults, comma separated: {string.Join(", ", Fault.All.Select(fault => fault.Name))}.",
        };
        var inboxOff = new Option<bool>("--inbox-off")
        {
            Description = "Negative control: services count what comes twice twice, and the recount must find it.",
        };
        var clean = new Option<bool>("--clean")
        {
            Description = "Offers the stream again with nothing broken, and compares the decisions (twice the time).",
        };
        var keep = new Option<bool>("--keep") { Description = "Leaves the broken system running, to look into it." };
        var json = new Option<string?>("--json") { Description = "File for the result as JSON." };
        var command = new Command(
            "faults", "Kills every server and service under load, and recounts: nothing lost, nothing twice.")
        {
            events, rate, most, seed, only, inboxOff, clean, keep, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(clean) && result.GetValue(keep))
            {
                result.AddError("--clean needs the place of the system that --keep leaves: give one of them.");
            }
        });
        command.SetAction((parsed, cancellation) =>
        {
            var options = new FaultOptions
            {
                Folder = Repository.FaultInstance,
                Events = parsed.GetValue(events),
                Rate = parsed.GetValue(rate),
                MostSeconds = parsed.GetValue(most),
                Seed = parsed.GetValue(seed),
                Clean = parsed.GetValue(clean),
                InboxOff = parsed.GetValue(inboxOff),
                Keep = parsed.GetValue(keep),
            };
            var names = parsed.GetValue(only)?.Split(',', StringSplitOptions.RemoveEmptyEntries);
            return RunAsync(
                names is null ? options : options with { Faults = names }, parsed.GetValue(json), cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(FaultOptions options, string? json, CancellationToken cancellation)
    {
        var unknown = options.Faults.Where(name => Fault.All.All(fault => fault.Name != name)).ToArray();
        if (unknown.Length > 0)
        {
            throw new SetupException($"Unknown fault: {string.Join(", ", unknown)}.");
        }

        FaultReport? result = null;
        await Terminal.RunAsync("breaking", async report =>
            result = await new FaultBench(options, TimeProvider.System).RunAsync(report, cancellation));
        Show(result!);
        if (json is not null)
        {
            await BenchDisplay.SaveAsync(json, [ToBench(result!)], cancellation);
        }

        return result!.IsClean ? 0 : 1;
    }

    private static void Show(FaultReport result)
    {
        var faults = new Table().Border(TableBorder.Rounded).AddColumns("fault", "serves after s", "whole after s", "");
        foreach (var fault in result.Faults)
        {
            faults.AddRow(
                fault.Fault, Number(fault.Seconds), Number(fault.WholeSeconds), Markup.Escape(fault.Failure ?? ""));
        }

        AnsiConsole.Write(faults);
        var counts = new Table().Border(TableBorder.Rounded).AddColumns([.. result.Findings.Counts.Keys]);
        counts.AddRow([.. result.Findings.Counts.Values.Select(count => Number(count))]);
        AnsiConsole.Write(counts);
        if (result.Comparison is { } comparison)
        {
            Terminal.Write(string.Create(
                CultureInfo.InvariantCulture,
                $"{comparison.Changed:N0} of {comparison.Payments:N0} payments decided otherwise than in a clean run "
                + $"({comparison.Degraded:N0} of them marked degraded), {comparison.Most:N0} of the others may be"));
        }

        foreach (var line in result.Findings.Lines.Concat(result.Comparison?.Lines ?? []))
        {
            Terminal.Write(line);
        }

        Terminal.Write(string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Events:N0} events, {result.Rejected:N0} refused as they should, {result.Retries:N0} requests "
            + $"sent again, {result.Messages:N0} bus messages repeated, {result.Seconds:N0} s"));
    }

    private static BenchResult ToBench(FaultReport result) => new()
    {
        Bench = "faults",
        Metrics = result.Findings.Counts
            .ToDictionary(count => count.Key, count => (double)count.Value)
            .Concat(result.Faults.Select(fault => KeyValuePair.Create($"{fault.Fault}Seconds", fault.Seconds)))
            .Concat(result.Faults.Select(
                fault => KeyValuePair.Create($"{fault.Fault}WholeSeconds", fault.WholeSeconds)))
            .Concat(ComparisonMetrics(result.Comparison))
            .Append(KeyValuePair.Create("events", (double)result.Events))
            .Append(KeyValuePair.Create("busMessages", (double)result.Messages))
            .Append(KeyValuePair.Create("seconds", Math.Round(result.Seconds)))
            .ToDictionary(),
        Yardstick = new Dictionary<string, double>(),
        Ratio = 0,
        Targets = result.Faults
            .Select(fault => KeyValuePair.Create(
                $"{fault.Fault}Seconds", new BenchTarget(30, 15, AtLeast: false)))
            .Concat(ComparisonTargets(result.Comparison))
            .ToDictionary(),
        Notes = result.Findings.Lines,
    };

    private static IEnumerable<KeyValuePair<string, double>> ComparisonMetrics(DecisionComparison? comparison) =>
        comparison is null
            ? []
            :
            [
                new("decisionsChanged", comparison.Changed),
                new("decisionsChangedDegraded", comparison.Degraded),
                new("decisionsCompared", comparison.Payments),
            ];

    private static IEnumerable<KeyValuePair<string, BenchTarget>> ComparisonTargets(DecisionComparison? comparison) =>
        comparison is null
            ? []
            : [new("decisionsChanged", new BenchTarget(comparison.Most, comparison.Most, AtLeast: false))];

    private static string Number(double value) => value.ToString("#,0.#", CultureInfo.InvariantCulture);

    private static Option<int> Whole(string name, string description, int value)
    {
        var option = new Option<int>(name)
        {
            Description = $"{description} Default {value}.",
            DefaultValueFactory = _ => value,
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError($"{name} must be at least 1.");
            }
        });
        return option;
    }
}
