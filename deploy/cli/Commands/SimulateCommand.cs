using System.CommandLine;
using Ecom.Cli.Import;
using Ecom.Simulator;

namespace Ecom.Cli.Commands;

/// <summary><c>./ecom simulate</c></summary>
internal static class SimulateCommand
{
    // Enough to see something move on every page of the console, little enough for a small machine.
    private const double DefaultLiveRate = 20;

    private static readonly Option<int> _customers = Whole("--customers", "Customers of the history.", 800);
    private static readonly Option<int> _days =
        Whole("--days", "Days of the history; with --on-top the last days.", null);

    private static readonly Option<int> _seed = Whole("--seed", "Same seed, same shop.", 1);
    private static readonly Option<double> _rate = new("--rate")
    {
        Description = "Events a second at most; default: as fast as they are taken, 20 with --live.",
    };

    private static readonly Option<int> _live =
        Whole("--live", "Streams events as they happen for so many seconds.", null);

    private static readonly Option<bool> _onTop = new("--on-top")
    {
        Description = "Adds stock, visits, payments, feedback and a ring to the shop that was loaded last.",
    };

    private static readonly Option<string?> _url = new("--url")
    {
        Description = "Address of ingestion; else that of the running system.",
    };

    private static readonly Option<string?> _key = new("--key") { Description = "API key with the scope ingest." };
    private static readonly Option<bool> _json = new("--json")
    {
        Description = "Prints JSON instead of progress and a table.",
    };

    public static Command Create()
    {
        var command = new Command("simulate", "A shop that behaves: loads a history, adds to a shop, or streams.")
        {
            _customers, _days, _seed, _rate, _live, _onTop, _url, _key, _json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(_live) < 0 || result.GetValue(_rate) < 0)
            {
                result.AddError("--live and --rate must not be negative.");
            }

            if (result.GetValue(_customers) < 10)
            {
                result.AddError("--customers must be at least 10.");
            }

            var days = result.GetValue(_days);
            var least = result.GetValue(_onTop) ? 1 : 14;
            if (days != 0 && days < least)
            {
                result.AddError($"--days must be at least {least}.");
            }
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var target = IngestionTarget.Resolve(parsed.GetValue(_url), parsed.GetValue(_key), "simulator");
        var gateway = IngestionGateway.Connect(target.Address, target.Key, TimeProvider.System);
        var run = new SimulationRun(gateway, TimeProvider.System, ImportCommand.StateFolder);
        var report = await TransferDisplay.RunAsync(
            parsed.GetValue(_json), progress => TransferAsync(run, parsed, progress, cancellation));
        return TransferDisplay.Show(report, parsed.GetValue(_json));
    }

    private static Task<ImportReport> TransferAsync(
        SimulationRun run, ParseResult parsed, Action<string, int, int> progress, CancellationToken cancellation)
    {
        var seed = parsed.GetValue(_seed);
        var rate = parsed.GetValue(_rate);
        var days = parsed.GetValue(_days);
        if (parsed.GetValue(_live) is > 0 and var seconds)
        {
            return run.StreamAsync(
                seed, rate > 0 ? rate : DefaultLiveRate, TimeSpan.FromSeconds(seconds), progress, cancellation);
        }

        if (parsed.GetValue(_onTop))
        {
            var onTop = new OnTopOptions { Seed = seed };
            return run.RunOnTopAsync(days > 0 ? onTop with { Days = days } : onTop, rate, progress, cancellation);
        }

        var options = new ShopOptions { Seed = seed, Customers = parsed.GetValue(_customers) };
        return run.LoadHistoryAsync(days > 0 ? options with { Days = days } : options, rate, progress, cancellation);
    }

    private static Option<int> Whole(string name, string description, int? value) =>
        value is { } known
            ? new Option<int>(name) { Description = description, DefaultValueFactory = _ => known }
            : new Option<int>(name) { Description = description };
}
