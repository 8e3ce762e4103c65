using System.CommandLine;
using Ecom.Algorithms.Numerics;
using Ecom.Algorithms.Recommendation.Tuning;
using Ecom.Cli.Evaluate;
using Ecom.Cli.Evaluate.Fraud;
using Ecom.Cli.Infrastructure;
using Spectre.Console;

namespace Ecom.Cli.Commands;

/// <summary><c>./ecom evaluate</c>: the quality of models on files, by the protocols of the benchmarks.</summary>
internal static class EvaluateCommand
{
    public static Command Create() => new("evaluate", "Measures the quality of models on files of known form.")
    {
        Recommend(),
        Fraud(),
    };

    private static Command Recommend()
    {
        var train = File("--train", "Training part, lines 'user item item …' (may be gzipped).");
        var valid = File("--valid", "Validation part; without it a tenth of the training part.");
        var test = File("--test", "Test part, read once.");
        var sequences = File("--sequences", "Histories in time order: the last item is the test, the one before "
            + "the validation.");
        var behaviours = new Option<string?>("--behaviours")
        {
            Description = "buy=FILE,view=FILE,fav=FILE,cart=FILE, lines 'user item'; with --valid and --test of buys: "
                + "learns the weights of the kinds.",
        };
        var ratings = File("--ratings", "Lines 'user item rating [time]': RMSE of five folds.");
        var sessions = new Option<bool>("--sessions")
        {
            Description = "Lines of --train and --test are sessions 'item item …' whose last item is to be foretold.",
        };
        var attributes = File("--attributes", "JSON, item to list of attribute ids; with --sequences: cold items.");
        var options = new SharedOptions();
        var command = new Command("recommend", "Ranking of all items, training items left out, tuned on validation "
            + "data only.")
        {
            train, valid, test, sequences, behaviours, ratings, sessions, attributes,
        };
        options.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(
                new RecommendFiles
                {
                    Train = parsed.GetValue(train)?.FullName,
                    Valid = parsed.GetValue(valid)?.FullName,
                    Test = parsed.GetValue(test)?.FullName,
                    Sequences = parsed.GetValue(sequences)?.FullName,
                    Behaviours = parsed.GetValue(behaviours),
                    Ratings = parsed.GetValue(ratings)?.FullName,
                    AreSessions = parsed.GetValue(sessions),
                    Attributes = parsed.GetValue(attributes)?.FullName,
                },
                options.Read(parsed),
                parsed.GetValue(options.Json),
                cancellation),
            cancellation));
        return command;
    }

    private static Command Fraud()
    {
        var transactions = new Option<FileInfo>("--transactions")
        {
            Description = "Payments with their truth, in the form of the Fraud-Detection-Handbook (may be gzipped).",
            Required = true,
        };
        var firstWeek = new Option<DateOnly?>("--first-week")
        {
            Description = "First day of the first of four test weeks; 2018-08-08 if the file reaches so far.",
        };
        var online = new Option<bool>("--online")
        {
            Description = "Instead, plays the file through a private Redis as the fraud service does and compares "
                + "every vector and score bit for bit with the replay; fails if any differs.",
        };
        var payments = new Option<int?>("--payments") { Description = "With --online: only the first ones." };
        var (threads, seed) = (SharedOptions.ThreadsOption(), SharedOptions.SeedOption());
        var json = SharedOptions.JsonOption();
        var command = new Command("fraud", "The Fraud-Detection-Handbook's protocol on features of the live engine, "
            + "labels seven days late.")
        {
            transactions, firstWeek, online, payments, threads, seed, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(
                new FraudOptions
                {
                    Transactions = parsed.GetRequiredValue(transactions).FullName,
                    FirstWeek = parsed.GetValue(firstWeek),
                    Threads = parsed.GetValue(threads) is >= 1 and <= 1_024 and var count
                        ? count : throw new SetupException("--threads must be 1 to 1,024."),
                    Seed = parsed.GetValue(seed),
                    Payments = parsed.GetValue(payments),
                },
                parsed.GetValue(online),
                parsed.GetValue(json),
                cancellation),
            cancellation));
        return command;
    }

    private static Task<int> Run(
        FraudOptions options, bool online, FileInfo? json, CancellationToken cancellation) =>
        online ? RunOnlineAsync(options, cancellation) : Task.FromResult(Run(options, json, cancellation));

    private static async Task<int> RunOnlineAsync(FraudOptions options, CancellationToken cancellation) =>
        await OnlineEvaluation.RunAsync(
            options, text => AnsiConsole.MarkupLineInterpolated($"[grey]{text}[/]"), cancellation)
            ? 0 : 1;

    private static int Run(FraudOptions options, FileInfo? json, CancellationToken cancellation)
    {
        var gigaflops = Yardstick.MeasureGigaflops(1);
        AnsiConsole.MarkupLineInterpolated($"[grey]{gigaflops:F0} GFLOP/s on one thread; {options.Threads} threads[/]");
        var result = new FraudEvaluation(
            options, text => AnsiConsole.MarkupLineInterpolated($"[grey]{text}[/]"), cancellation).Run();
        EvaluationReport.Print(result);
        if (json is not null)
        {
            EvaluationReport.Write(json, "fraud", result, options.Threads, options.Seed, gigaflops);
        }

        return 0;
    }

    private static int Run(
        RecommendFiles files, TuningOptions options, FileInfo? json, CancellationToken cancellation)
    {
        var gigaflops = Yardstick.MeasureGigaflops(1);
        AnsiConsole.MarkupLineInterpolated($"[grey]{gigaflops:F0} GFLOP/s on one thread; {options.Threads} threads[/]");
        var result = RecommendEvaluation.Run(
            files, options, text => AnsiConsole.MarkupLineInterpolated($"[grey]{text}[/]"), cancellation);
        EvaluationReport.Print(result);
        if (json is not null)
        {
            EvaluationReport.Write(json, "recommend", result, options.Threads, options.Seed, gigaflops);
        }

        return 0;
    }

    private static Option<FileInfo?> File(string name, string description) => new(name) { Description = description };

    /// <summary>What every evaluation takes.</summary>
    private sealed class SharedOptions
    {
        private readonly Option<int> _threads = ThreadsOption();
        private readonly Option<int> _seed = SeedOption();

        private readonly Option<int> _minutes = new("--minutes")
        {
            Description = "Minutes for the search of settings, of two cores of the reference machine: it is a budget "
                + "of work, so that the same search is made on any machine.",
            DefaultValueFactory = _ => 5,
        };

        public Option<FileInfo?> Json { get; } = JsonOption();

        public static Option<int> ThreadsOption() => new("--threads")
        {
            Description = "Threads; they never change a model.",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        };

        public static Option<int> SeedOption() => new("--seed")
        {
            Description = "Seed of whatever is random.",
            DefaultValueFactory = _ => 1,
        };

        public static Option<FileInfo?> JsonOption() => new("--json")
        {
            Description = "Also write the result to this file.",
        };

        public void AddTo(Command command)
        {
            command.Options.Add(_threads);
            command.Options.Add(_seed);
            command.Options.Add(_minutes);
            command.Options.Add(Json);
        }

        public TuningOptions Read(ParseResult parsed)
        {
            var (threads, minutes) = (parsed.GetValue(_threads), parsed.GetValue(_minutes));
            return threads is >= 1 and <= 1_024 && minutes is >= 1 and <= 1_440
                ? new TuningOptions
                {
                    Threads = threads,
                    Seed = parsed.GetValue(_seed),
                    Budget = TimeSpan.FromMinutes(2 * minutes),
                }
                : throw new SetupException("--threads must be 1 to 1,024 and --minutes 1 to 1,440.");
        }
    }
}
