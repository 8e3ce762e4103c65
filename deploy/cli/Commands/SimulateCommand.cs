using System.CommandLine;
using Ecom.Cli.Import;
using Ecom.Simulator;

namespace Ecom.Cli.Commands;

/// <summary><c>./ecom simulate</c></summary>
internal static class SimulateCommand
{
    // Enough to see something move on every page of the console, little enough for a small machine.
    private const double DefaultLiveRate = 20;

    private static readonly Option<int?> _customers = new("--customers")
    {
        Description = "Customers of the history, default 800.",
    };

    private static readonly Option<int?> _days = new("--days")
    {
        Description = "Days of the history, default 180; with --on-top the last days, default 2.",
    };

    private static readonly Option<int?> _seed = new("--seed") { Description = "Same seed, same shop; default 1." };
    private static readonly Option<double?> _rate = new("--rate")
    {
        Description = "Events a second at most; default: as fast as they are taken, 20 with --live.",
    };

    private static readonly Option<int?> _live = new("--live")
    {
        Description = "Streams events as they happen for so many seconds.",
    };

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
            var leastDays = result.GetValue(_onTop) ? 1 : 14;
            Require(result.GetValue(_customers) is not < 10, "--customers must be at least 10.");
            Require(
                result.GetValue(_days) is not { } days || days >= leastDays, $"--days must be at least {leastDays}.");
            Require(result.GetValue(_live) is not <= 0, "--live must be positive.");
            Require(result.GetValue(_rate) is not <= 0, "--rate must be positive.");

            void Require(bool holds, string message)
            {
                if (!holds)
                {
                    result.AddError(message);
                }
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
        var seed = parsed.GetValue(_seed) ?? 1;
        var rate = parsed.GetValue(_rate);
        var days = parsed.GetValue(_days);
        if (parsed.GetValue(_live) is { } seconds)
        {
            return run.StreamAsync(
                seed, rate ?? DefaultLiveRate, TimeSpan.FromSeconds(seconds), progress, cancellation);
        }

        if (parsed.GetValue(_onTop))
        {
            var onTop = new OnTopOptions { Seed = seed };
            return run.RunOnTopAsync(
                onTop with { Days = days ?? onTop.Days }, rate ?? 0, progress, cancellation);
        }

        var history = new ShopOptions { Seed = seed };
        history = history with
        {
            Customers = parsed.GetValue(_customers) ?? history.Customers,
            Days = days ?? history.Days,
        };
        return run.LoadHistoryAsync(history, rate ?? 0, progress, cancellation);
    }
}
