using System.Globalization;
using System.Security.Cryptography;
using Ecom.Algorithms.Numerics;
using Ecom.Cli.Bench.Faults;
using Ecom.Cli.Demo;
using Ecom.Cli.Infrastructure;
using Ecom.Cli.Services;
using Npgsql;

namespace Ecom.Cli.Bench.Fraud;

/// <summary>How the fraud service is loaded.</summary>
internal sealed record FraudBenchOptions
{
    /// <summary>How long each part lasts.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Requests, and payments on the bus, a second of the open loops.</summary>
    public required double Rate { get; init; }

    /// <summary>Payments under way at once while the bus is saturated.</summary>
    public required int InFlight { get; init; }

    /// <summary>Payments of the last sixty days that are there before anything is measured.</summary>
    public required int History { get; init; }

    /// <summary>Whether a model that judges by chance is put in force; only in a system of no other use.</summary>
    public required bool WithModel { get; init; }
}

/// <summary>
/// Decisions on payments: in process; by request; from bus to bus at a rate, and as many as go through, with every one
/// accounted for; and how often Redis is asked.
/// </summary>
internal sealed class FraudBench(SystemClient client, InstanceDirectory instance)
{
    private const string Service = "fraud";
    private const int Lanes = 1_024;
    private const int HttpLanes = 128;
    private const int Rules = 30;
    private const int Alone = 300;
    private const string RoundTrips = "ecom_features_redis_round_trips_total";
    private const int Verified = 2_000;
    private static readonly TimeSpan _warmUp = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _cache = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _idle = TimeSpan.FromSeconds(5);

    private readonly string _run = RandomNumberGenerator.GetHexString(8, lowercase: true);
    private readonly GivenAddresses _given = GivenAddresses.FromEnvironment(Environment.GetEnvironmentVariable);
    private readonly IReadOnlyDictionary<string, string> _keys =
        instance.Load<Dictionary<string, string>>("secrets/keys.json") ?? [];

    /// <param name="options">The load.</param>
    /// <param name="report">Told each stage.</param>
    /// <param name="cancellation">Stops the run.</param>
    public async Task<BenchResult> RunAsync(
        FraudBenchOptions options, Action<string> report, CancellationToken cancellation)
    {
        report("yard-sticks: a product of matrices; the bare endpoint for 3 s");
        var gigaflops = Yardstick.MeasureGigaflops(Environment.ProcessorCount);
        var bare = await BareEndpoint.MeasureAsync(client.Address(Service), 0, lanes: 32, cancellation);
        var stream = new PaymentStream(_run, seed: 1);
        report("in process: 200 trees of 16 leaves with reasons and anomaly, 50 rules");
        var (scoring, model) = ScoringBench.Measure(stream, Now, cancellation);

        await AwaitRebuildsAsync(report, cancellation);
        await using var rules = new BenchRules(client, _run);
        using var author = client.Connect();
        author.DefaultRequestHeaders.Remove("X-Api-Key");
        author.DefaultRequestHeaders.Add("X-Api-Key", _keys["fraud-team"]);
        await rules.StartAsync(Rules, author, cancellation);
        if (options.WithModel && !await HasModelAsync(cancellation))
        {
            report("the same model in force, with 30 rules");
            await new TrialModel(instance, Broker, client, TimeProvider.System).ServeAsync(model, cancellation);
        }

        await using var bus = await PaymentBus.OpenAsync(Broker, cancellation);
        report($"history: {options.History:N0} payments of 60 days, over the bus");
        await SendHistoryAsync(bus, stream, options, cancellation);
        using var requests = await RequestsAsync(cancellation);
        report($"requests: warming up, then Redis at {Alone} of them, one after the other");
        await requests.RunAsync(stream, 'w', options.Rate, _warmUp, cancellation);
        var trips = await RoundTripsAsync(requests, stream, cancellation);
        report($"requests: {options.Rate:N0}/s for {options.Duration.TotalSeconds:0} s");
        var asked = await requests.RunAsync(stream, 'a', options.Rate, options.Duration, cancellation);

        report($"bus: {options.Rate:N0}/s for {options.Duration.TotalSeconds:0} s");
        await OnBusAsync(bus, stream, 'x', Lanes, options.Rate, _warmUp, cancellation);
        var open = await OnBusAsync(bus, stream, 'b', Lanes, options.Rate, options.Duration, cancellation);
        report($"bus: {options.InFlight} under way, as many as go through, {options.Duration.TotalSeconds:0} s");
        var meter = new CpuMeter(instance);
        meter.Start();
        var full = await OnBusAsync(bus, stream, 's', options.InFlight, 0, options.Duration, cancellation);
        var spent = meter.Stop(out var others);

        report("counting decisions, and judging some again");
        await new Backlog(client).DrainAsync(report, cancellation);
        var rows = await DecisionRows.ReadAsync(DatabaseOf(), _run, cancellation);
        var changed = await CountChangedAsync(cancellation);
        return new FraudOutcome
        {
            Gigaflops = gigaflops,
            Bare = bare,
            Scoring = scoring,
            Asked = asked,
            Open = open,
            Full = full,
            Trips = trips,
            Spent = spent,
            OtherSeconds = others,
            Payments = bus.Published + requests.Answers,
            Rows = rows,
            Missing = bus.Missing,
            Doubled = bus.Doubled,
            Changed = changed,
            HasModel = await HasModelAsync(cancellation),
        }.ToResult();
    }

    private async Task<bool> HasModelAsync(CancellationToken cancellation) =>
        (await client.GetAsync(Service, "/v1/models", cancellation))!["champion"] is not null;

    private Uri Broker => _given.RabbitMq ?? new RabbitMqServer(instance, management: false).Address;

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private static Task<LoadRun> OnBusAsync(
        PaymentBus bus,
        PaymentStream stream,
        char part,
        int lanes,
        double perSecond,
        TimeSpan duration,
        CancellationToken cancellation) =>
        new OpenLoop(lanes).RunAsync(
            perSecond,
            duration,
            (_, number, stopped) => bus.DecideAsync(stream.Next(part, number, Now), stopped),
            cancellation);

    private static Task SendHistoryAsync(
        PaymentBus bus, PaymentStream stream, FraudBenchOptions options, CancellationToken cancellation) =>
        Parallel.ForEachAsync(
            Enumerable.Range(0, options.History),
            new ParallelOptions { MaxDegreeOfParallelism = options.InFlight, CancellationToken = cancellation },
            async (number, stopped) => await bus.DecideAsync(stream.Past(number, Now), stopped));

    // A restart of Redis before the run is a loss that two services are making good.
    private async Task AwaitRebuildsAsync(Action<string> report, CancellationToken cancellation)
    {
        foreach (var service in new[] { Service, "feature-store" })
        {
            while ((await client.GetAsync(service, "/v1/generations", cancellation))!.AsArray()
                .Any(one => one!["state"]!.GetValue<string>() == "building"
                    || (one["state"]!.GetValue<string>() == "active" && one["isLost"]!.GetValue<bool>())))
            {
                report($"{service} is making its state anew");
                await Task.Delay(_idle, cancellation);
            }
        }
    }

    // As the service counts them, one payment after the other.
    private async Task<double> RoundTripsAsync(
        AssessRequests requests, PaymentStream stream, CancellationToken cancellation)
    {
        await new Backlog(client).DrainAsync(_ => { }, cancellation);
        using var http = client.Connect();
        var before = await CountAsync();
        for (var number = 0; number < Alone; number++)
        {
            await requests.AskAsync(0, stream.Next('r', number, Now), cancellation);
        }

        return Math.Round((await CountAsync() - before) / Alone, 2);

        async Task<double> CountAsync()
        {
            // The exporter gives the same answer for a while.
            await Task.Delay(_cache, cancellation);
            var metrics = await http.GetStringAsync(client.Address(Service, "/metrics"), cancellation);
            return metrics.Split('\n')
                .Where(line => line.StartsWith(RoundTrips, StringComparison.Ordinal))
                .Sum(line => double.Parse(
                    line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture));
        }
    }

    private Task<AssessRequests> RequestsAsync(CancellationToken cancellation) =>
        AssessRequests.OpenAsync(client.Address(Service), _keys["console"], HttpLanes, cancellation);

    private string DatabaseOf() =>
        new NpgsqlConnectionStringBuilder(
            _given.Postgres ?? new PostgresServer(instance, durable: true).ConnectionString)
        {
            Database = EcomSystem.Database,
            Pooling = false,
        }.ConnectionString;

    private async Task<long> CountChangedAsync(CancellationToken cancellation)
    {
        var (after, last) = PaymentStream.IdsOf(_run);
        var changed = 0L;
        for (var seen = 0; seen < Verified;)
        {
            var page = await client.GetAsync(
                Service, $"/v1/decisions/verification?limit=500&after={Uri.EscapeDataString(after)}", cancellation);
            var items = page!["items"]!.AsArray()
                .Where(item => string.CompareOrdinal(item!["paymentId"]!.GetValue<string>(), last) < 0).ToArray();
            changed += items.Count(item => item!["same"]?.GetValue<bool>() != true);
            seen += items.Length;
            after = page["next"]!.GetValue<string>();
            if (items.Length == 0)
            {
                break;
            }
        }

        return changed;
    }
}
