using System.CommandLine;
using System.Text.Json;
using Ecom.Cli.Demo;
using Ecom.Cli.Infrastructure;
using Ecom.Simulator;

namespace Ecom.Cli.Commands;

/// <summary><c>./ecom demo</c></summary>
internal static class DemoCommand
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static Command Create()
    {
        var data = new Option<string?>("--data")
        {
            Description = "A shop's history in the format of Online Retail, plain or gzipped; else the simulated shop.",
        };
        var keepDates = new Option<bool>("--keep-dates") { Description = "Leaves the dates of the file as they are." };
        var json = new Option<string?>("--json") { Description = "File for the answers as JSON." };
        var seed = new Option<int>("--seed")
        {
            Description = "Same seed, same simulated shop.",
            DefaultValueFactory = _ => 1,
        };
        var docker = new Option<bool>("--docker") { Description = "Servers as containers of a Docker engine." };
        var command = new Command(
            "demo", "Starts everything, loads a shop, trains, and shows what each service answers.")
        {
            data, keepDates, json, seed, docker,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            new DemoOptions
            {
                Data = parsed.GetValue(data),
                KeepDates = parsed.GetValue(keepDates),
                Json = parsed.GetValue(json),
                Shop = new ShopOptions { Seed = parsed.GetValue(seed) },
                Docker = parsed.GetValue(docker),
            },
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(DemoOptions options, CancellationToken cancellation)
    {
        if (options.Data is { } file && !File.Exists(file))
        {
            throw new SetupException($"There is no file {file}.");
        }

        var summary = await new DemoRun(options, TimeProvider.System).RunAsync(cancellation);
        TransferDisplay.Show(summary.History, json: false);
        TransferDisplay.Show(summary.OnTop, json: false);
        DemoDisplay.Show(summary);
        if (options.Json is { } path)
        {
            await File.WriteAllTextAsync(path, JsonSerializer.Serialize(summary, _json), cancellation);
        }

        return summary.History.AddsUp ? 0 : 1;
    }
}
