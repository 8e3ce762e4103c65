using System.CommandLine;
using Ecom.Cli.Bench;
using Ecom.Cli.Bench.Fraud;
using Ecom.Cli.Demo;
using Ecom.Cli.Import;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Commands;

/// <summary><c>./ecom bench</c></summary>
/// <remarks>
/// Returns 1 when an event is unaccounted for, lost or counted twice, or a read failed; never for a figure below its
/// bar.
/// </remarks>
internal static class BenchCommand
{
    private static readonly string[] _faults = ["unaccounted", "errors", "lost", "doubled"];

    public static Command Create() => new("bench", "Measures the running system.")
    {
        Ingest(),
        Freshness(),
        Features(),
        Serve(),
        Reaction(),
        BareEndpoint(),
        Footprint(),
        Fraud(),
        FaultsCommand.Create(),
    };

    private static Command Ingest()
    {
        var seconds = Whole("--seconds", "How long events are sent.", 60, least: 1, most: 3_600);
        var batch = Whole("--batch", "Events in a request.", 100, least: 1, most: 500);
        var batches = new Option<int[]>("--batches")
        {
            Description = "Several sizes of a request, one run each: 1,20,100.",
            CustomParser = result => [.. result.Tokens.Single().Value.Split(',').Select(text =>
            {
                if (!int.TryParse(text, out var size) || size is < 1 or > 500)
                {
                    result.AddError($"--batches: {text} is not 1 to 500.");
                }

                return size;
            })],
        };
        var senders = Whole("--senders", "Most requests in flight.", 16, least: 1, most: 256);
        var rate = Whole("--rate", "Events a second; 0 as fast as answers come.", 0, least: 0, most: 1_000_000);
        var json = Json();
        var command = new Command("ingest", "Events accepted and processed to features, every one accounted for.")
        {
            seconds, batch, batches, senders, rate, json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            (parsed.GetValue(batches) is { Length: > 0 } several ? several : [parsed.GetValue(batch)])
                .Select<int, Func<Context, Task<BenchResult>>>(size => context =>
                    new IngestBench(context.Client, context.Target, context.Instance).RunAsync(
                        new IngestOptions
                        {
                            Duration = TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                            BatchSize = size,
                            Senders = parsed.GetValue(senders),
                            Rate = parsed.GetValue(rate),
                        },
                        context.Report,
                        cancellation)),
            parsed.GetValue(json),
            cancellation));
        return command;
    }

    private static Command Freshness()
    {
        var seconds = Whole("--seconds", "How long probes are sent.", 60, least: 1, most: 3_600);
        var rate = Whole("--rate", "Events a second beside the probes.", 2_500, least: 0, most: 1_000_000);
        var batch = Whole("--batch", "Events in a request beside the probes.", 100, least: 1, most: 500);
        var json = Json();
        var command = new Command("freshness", "From an event's request to its online feature, under load.")
        {
            seconds, rate, batch, json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            [
                context => new FreshnessBench(context.Client, context.Target).RunAsync(
                    new IngestOptions
                    {
                        Duration = TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                        BatchSize = parsed.GetValue(batch),
                        Senders = 64,
                        Rate = parsed.GetValue(rate),
                    },
                    context.Report,
                    cancellation),
            ],
            parsed.GetValue(json),
            cancellation));
        return command;
    }

    private static Command Features()
    {
        var seconds = Whole("--seconds", "How long each kind of read lasts.", 20, least: 1, most: 3_600);
        var rate = Whole("--rate", "Reads a second.", 200, least: 1, most: 100_000);
        var json = Json();
        var command = new Command("features", "Online reads of about 50 features, and of 100 customers at once.")
        {
            seconds, rate, json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            [
                context => new FeaturesBench(context.Client, context.Target).RunAsync(
                    parsed.GetValue(rate),
                    TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                    context.Report,
                    cancellation),
            ],
            parsed.GetValue(json),
            cancellation));
        return command;
    }

    private static Command Serve()
    {
        var seconds = Whole("--seconds", "How long each kind is asked.", 20, least: 1, most: 3_600);
        var rate = Whole("--rate", "Requests a second of the open loop.", 1_000, least: 1, most: 100_000);
        var turns = Whole("--turns", "Turns of service and bare endpoint.", 5, least: 1, most: 100);
        var json = Json();
        var command = new Command("serve", "Recommendations with everything on, beside one bare Redis GET.")
        {
            seconds, rate, turns, json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            [
                context => new ServeBench(context.Client, context.Target, context.Instance).RunAsync(
                    parsed.GetValue(rate),
                    TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                    parsed.GetValue(turns),
                    context.Report,
                    cancellation),
            ],
            parsed.GetValue(json),
            cancellation));
        return command;
    }

    private static Command Reaction()
    {
        var customers = Whole("--customers", "Customers who buy, and as many who look.", 100, least: 1, most: 10_000);
        var json = Json();
        var command = new Command("reaction", "From a purchase or a view to the recommendations that follow from it.")
        {
            customers, json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            [
                context => new ReactionBench(context.Client, context.Target).RunAsync(
                    parsed.GetValue(customers), context.Report, cancellation),
            ],
            parsed.GetValue(json),
            cancellation));
        return command;
    }

    private static Command Fraud()
    {
        var seconds = Whole("--seconds", "How long each part lasts.", 30, least: 1, most: 3_600);
        var rate = Whole("--rate", "Payments a second of the open loops.", 300, least: 1, most: 100_000);
        var inFlight = Whole("--in-flight", "Payments under way at once.", 256, least: 1, most: 10_000);
        var history = Whole("--history", "Payments of 60 days to begin with.", 20_000, least: 0, most: 10_000_000);
        var model = new Option<bool>("--model")
        {
            Description = "Puts a model that judges by chance in force: only in a system of no other use.",
        };
        var backtest = new Option<bool>("--backtest")
        {
            Description = "A rule over stored decisions instead, in a system made for it and deleted afterwards.",
        };
        var payments = Whole("--payments", "Stored decisions of --backtest.", 1_750_000, least: 5_000, most: 2_000_000);
        var json = Json();
        var command = new Command("fraud", "Decisions on payments: in process, by request, from bus to bus.")
        {
            seconds, rate, inFlight, history, model, backtest, payments, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var options = new FraudBenchOptions
            {
                Duration = TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                Rate = parsed.GetValue(rate),
                InFlight = parsed.GetValue(inFlight),
                History = parsed.GetValue(history),
                WithModel = parsed.GetValue(model),
            };
            var file = parsed.GetValue(json);
            return parsed.GetValue(backtest)
                ? ShowAsync(
                    async report => [await BacktestBench.RunAsync(parsed.GetValue(payments), report, cancellation)],
                    file,
                    cancellation)
                : RunAsync(
                    [
                        context => new FraudBench(context.Client, context.Instance)
                            .RunAsync(options, context.Report, cancellation),
                    ],
                    file,
                    cancellation);
        });
        return command;
    }

    // A process of its own, started by the benchmark that needs it.
    private static Command BareEndpoint()
    {
        var command = new Command(BareRedisEndpoint.Verb, "The yard-stick of serve.") { Hidden = true };
        command.SetAction(async (_, _) =>
        {
            await BareRedisEndpoint.ServeAsync(Terminal.Write);
            return 0;
        });
        return command;
    }

    private static Command Footprint()
    {
        var cold = new Option<bool>("--cold") { Description = "Stops everything first and times the start." };
        var json = Json();
        var command = new Command("footprint", "Memory of the services as they are now.") { cold, json };
        command.SetAction((parsed, cancellation) => RunAsync(
            [
                context => new FootprintBench(context.Instance).RunAsync(
                    parsed.GetValue(cold), context.Report, cancellation),
            ],
            parsed.GetValue(json),
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        IEnumerable<Func<Context, Task<BenchResult>>> benches, string? json, CancellationToken cancellation)
    {
        var instance = new InstanceDirectory(Repository.MainInstance);
        using var client = new SystemClient(instance);
        var target = IngestionTarget.Resolve(null, null, "simulator");
        return await ShowAsync(
            async report =>
            {
                var results = new List<BenchResult>();
                foreach (var bench in benches)
                {
                    results.Add(await bench(new Context(instance, client, target, report)));
                }

                return results;
            },
            json,
            cancellation);
    }

    private static async Task<int> ShowAsync(
        Func<Action<string>, Task<IReadOnlyList<BenchResult>>> measure, string? json, CancellationToken cancellation)
    {
        IReadOnlyList<BenchResult> results = [];
        await Terminal.RunAsync("measuring", async report => results = await measure(report));
        BenchDisplay.Show(results);
        if (json is not null)
        {
            await BenchDisplay.SaveAsync(json, results, cancellation);
        }

        return results.All(result => _faults.All(fault => result.Metrics.GetValueOrDefault(fault) == 0)) ? 0 : 1;
    }

    private static Option<string?> Json() => new("--json")
    {
        Description = "File for the result as JSON; an array if there are several.",
    };

    private static Option<int> Whole(string name, string description, int value, int least, int most)
    {
        var option = new Option<int>(name)
        {
            Description = $"{description} Default {value}.",
            DefaultValueFactory = _ => value,
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is var given && (given < least || given > most))
            {
                result.AddError($"{name} must be {least} to {most}.");
            }
        });
        return option;
    }

    private sealed record Context(
        InstanceDirectory Instance, SystemClient Client, IngestionTarget Target, Action<string> Report);
}
