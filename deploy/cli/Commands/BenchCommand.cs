using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Ecom.Cli.Bench;
using Ecom.Cli.Demo;
using Ecom.Cli.Import;
using Ecom.Cli.Infrastructure;
using Spectre.Console;

namespace Ecom.Cli.Commands;

/// <summary><c>./ecom bench</c></summary>
internal static class BenchCommand
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static Command Create()
    {
        var seconds = Whole("--seconds", "How long events are sent.", 60, most: 3_600);
        var batch = Whole("--batch", "Events in a request.", 100, most: 500);
        var senders = Whole("--senders", "Requests in flight.", 8, most: 256);
        var json = new Option<string?>("--json") { Description = "File for the result as JSON." };
        var ingest = new Command("ingest", "Events accepted and processed to features, every one accounted for.")
        {
            seconds, batch, senders, json,
        };
        ingest.SetAction((parsed, cancellation) => RunAsync(
            (bench, report) => bench.RunAsync(
                parsed.GetValue(seconds), parsed.GetValue(batch), parsed.GetValue(senders), report, cancellation),
            parsed.GetValue(json),
            cancellation));
        return new Command("bench", "Measures the running system.") { ingest };
    }

    private static async Task<int> RunAsync(
        Func<IngestBench, Action<string>, Task<BenchResult>> run, string? json, CancellationToken cancellation)
    {
        using var client = new SystemClient(new InstanceDirectory(Repository.MainInstance));
        var target = IngestionTarget.Resolve(null, null, "simulator");
        var gateway = IngestionGateway.Connect(target.Address, target.Key, TimeProvider.System);
        BenchResult? result = null;
        await Terminal.RunAsync("measuring", async report =>
            result = await run(new IngestBench(client, gateway, TimeProvider.System), report));

        Show(result!);
        if (json is not null)
        {
            await File.WriteAllTextAsync(json, JsonSerializer.Serialize(result, _json), cancellation);
        }

        return result!.Metrics["unaccounted"] == 0 ? 0 : 1;
    }

    private static void Show(BenchResult result)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("metric", "value");
        foreach (var (name, value) in result.Metrics.Concat(result.Yardstick.Select(yardstick =>
            KeyValuePair.Create($"yard-stick {yardstick.Key}", yardstick.Value))))
        {
            table.AddRow(name, value.ToString("#,0.###", CultureInfo.InvariantCulture));
        }

        table.AddRow("ratio", result.Ratio.ToString("0.###", CultureInfo.InvariantCulture));
        AnsiConsole.Write(table);
    }

    private static Option<int> Whole(string name, string description, int value, int most)
    {
        var option = new Option<int>(name)
        {
            Description = $"{description} Default {value}.",
            DefaultValueFactory = _ => value,
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is var given && (given < 1 || given > most))
            {
                result.AddError($"{name} must be 1 to {most}.");
            }
        });
        return option;
    }
}
