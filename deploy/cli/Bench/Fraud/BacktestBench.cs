using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Ecom.Algorithms.Numerics;
using Ecom.Cli.Bench.Faults;
using Ecom.Cli.Infrastructure;
using Npgsql;

namespace Ecom.Cli.Bench.Fraud;

/// <summary>
/// A version of a rule over stored decisions, as a fraud team asks for it, in a system of its own that is deleted
/// afterwards: some thousand payments are decided, and their rows copied to as many as wanted, each with a label.
/// </summary>
internal sealed class BacktestBench
{
    private const int Decided = 5_000;
    private const int InFlight = 128;
    private const int Rules = 30;
    private const int CopiesAtOnce = 50;
    private const string Service = "fraud";
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(30);

    /// <param name="payments">Stored decisions, rounded up to whole copies.</param>
    /// <param name="report">Told each stage.</param>
    /// <param name="cancellation">Stops the run.</param>
    public static async Task<BenchResult> RunAsync(int payments, Action<string> report, CancellationToken cancellation)
    {
        var options = new FaultOptions { Folder = Repository.FaultInstance };
        var gigaflops = Yardstick.MeasureGigaflops(Environment.ProcessorCount);
        try
        {
            report("starting a system for this run alone");
            using var trial = await TrialSystem.StartAsync(options, _ => { }, cancellation);
            var run = RandomNumberGenerator.GetHexString(8, lowercase: true);
            await using var rules = new BenchRules(trial.Client, run);
            using var author = trial.ConnectAs("fraud-team");
            author.Timeout = _patience;
            await rules.StartAsync(Rules, author, cancellation);
            report($"{Decided:N0} payments are decided");
            await DecideAsync(trial, run, cancellation);
            var stored = await MultiplyAsync(trial, payments, report, cancellation);
            report($"back-test over {stored:N0} decisions");
            return await MeasureAsync(trial, author, gigaflops, cancellation);
        }
        finally
        {
            await TrialSystem.RemoveAsync(options.Folder, CancellationToken.None);
        }
    }

    private static async Task DecideAsync(TrialSystem trial, string run, CancellationToken cancellation)
    {
        var (stream, now) = (new PaymentStream(run, seed: 1), TimeProvider.System.GetUtcNow());
        await using var bus = await PaymentBus.OpenAsync(trial.Broker, cancellation);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Decided),
            new ParallelOptions { MaxDegreeOfParallelism = InFlight, CancellationToken = cancellation },
            async (number, stopped) => await bus.DecideAsync(stream.Past(number, now), stopped));
    }

    // Each copy is half a day older than the one before. One payment of a hundred was disputed, the others matured.
    private static async Task<long> MultiplyAsync(
        TrialSystem trial, int payments, Action<string> report, CancellationToken cancellation)
    {
        const string Columns = """
            select string_agg(column_name, ', ' order by ordinal_position),
                string_agg(case column_name
                    when 'payment_id' then 'payment_id || ''-'' || copy'
                    when 'attempted_at' then 'attempted_at - copy * interval ''12 hours'''
                    when 'decided_at' then 'decided_at - copy * interval ''12 hours'''
                    when 'matured' then 'true'
                    else column_name end, ', ' order by ordinal_position)
            from information_schema.columns
            where table_schema = 'fraud' and table_name = 'decisions'
            """;
        const string Labels = """
            insert into fraud.labels (label_id, payment_id, fraud, source, known_at, received_at, counted)
            select gen_random_uuid(), payment_id, disputed, case when disputed then 'dispute' else 'maturity' end,
                attempted_at + interval '30 days', attempted_at + interval '30 days', true
            from (select *, hashtext(payment_id) % 100 = 0 as disputed from fraud.decisions) as decided;
            """;

        await using var connection = await trial.OpenDatabaseAsync(cancellation);
        string names, values;
        await using (var columns = new NpgsqlCommand(Columns, connection))
        await using (var row = await columns.ExecuteReaderAsync(cancellation))
        {
            await row.ReadAsync(cancellation);
            (names, values) = (row.GetString(0), row.GetString(1));
        }

        await RunAsync("create table fraud.bench_decided as select * from fraud.decisions");
        var copies = (payments + Decided - 1) / Decided;
        for (var first = 1; first < copies; first += CopiesAtOnce)
        {
            var last = Math.Min(first + CopiesAtOnce, copies) - 1;
            await RunAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"insert into fraud.decisions ({names}) select {values} "
                    + $"from fraud.bench_decided cross join generate_series({first}, {last}) as copy"));
            report($"{(long)(last + 1) * Decided:N0} decisions are stored");
        }

        await RunAsync(Labels);
        await RunAsync("vacuum analyze fraud.decisions, fraud.labels");
        return (long)copies * Decided;

        async Task RunAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }

    private static async Task<BenchResult> MeasureAsync(
        TrialSystem trial, HttpClient author, double gigaflops, CancellationToken cancellation)
    {
        var now = TimeProvider.System.GetUtcNow();
        var drafted = await PostAsync("/v1/rules", new
        {
            code = "bench_backtest",
            when = "amount > 2000 and (customer_payments_7d >= 1 or device_customers_7d_with_this >= 2)",
            weight = 0.6,
            text = "{value} is a lot.",
        });
        var meter = new CpuMeter(trial.Instance);
        meter.Start();
        var watch = Stopwatch.StartNew();
        var result = (await PostAsync(
            $"/v1/rules/bench_backtest/versions/{drafted["version"]}/backtest",
            new { from = now.AddYears(-20), to = now }))["result"]!;
        var seconds = watch.Elapsed.TotalSeconds;
        var spent = meter.Stop(out var others);
        var payments = result["payments"]!.GetValue<double>();
        return new BenchResult
        {
            Bench = "fraud backtest",
            Metrics = new Dictionary<string, double>
            {
                ["transactions"] = payments,
                ["seconds"] = Math.Round(seconds, 1),
                ["transactionsPerSecond"] = Math.Round(payments / seconds),
                ["held"] = result["held"]!.GetValue<double>(),
                ["knownFrauds"] = result["knownNow"]!["frauds"]!.GetValue<double>(),
                ["withoutRules"] = result["withoutRules"]!.GetValue<double>(),
                ["coresOfOthers"] = Math.Round(others / seconds, 2),
            },
            Yardstick = new Dictionary<string, double> { ["gigaflops"] = Math.Round(gigaflops) },
            Ratio = Math.Round(payments / seconds / gigaflops),
            Processes = spent.ToDictionary(
                process => process.Key,
                process => (IReadOnlyDictionary<string, double>)new Dictionary<string, double>
                {
                    ["cpuSeconds"] = Math.Round(process.Value, 1),
                }),
            Targets = new Dictionary<string, BenchTarget>
            {
                ["transactionsPerSecond"] = new(1_750_000 / 120.0, 1_750_000 / 120.0, AtLeast: true),
            },
        };

        async Task<JsonNode> PostAsync(string path, object body)
        {
            using var answer = await author.PostAsJsonAsync(trial.Client.Address(Service, path), body, cancellation);
            return answer.IsSuccessStatusCode
                ? (await answer.Content.ReadFromJsonAsync<JsonNode>(cancellation))!
                : throw new SetupException($"{path}: {await answer.Content.ReadAsStringAsync(cancellation)}");
        }
    }
}
