namespace Ecom.Cli.Bench.Fraud;

/// <summary>What a run of <see cref="FraudBench"/> found.</summary>
internal sealed record FraudOutcome
{
    private static readonly Dictionary<string, BenchTarget> _targets = new()
    {
        ["transactionsPerSecond"] = new(500, 1_000, AtLeast: true),
        ["p99Ms"] = new(50, 50, AtLeast: false),
        ["assessP99Ms"] = new(25, 25, AtLeast: false),
        ["scoringP99Us"] = new(200, 200, AtLeast: false),
        ["redisRoundTrips"] = new(2, 2, AtLeast: false),
        ["lost"] = new(0, 0, AtLeast: false),
        ["doubled"] = new(0, 0, AtLeast: false),
        ["off"] = new(0, 0, AtLeast: false),
        ["decisionsChanged"] = new(0, 0, AtLeast: false),
    };

    /// <summary>The yard-stick on all cores, 10⁹ operations a second.</summary>
    public required double Gigaflops { get; init; }

    /// <summary>The bare endpoint, closed loop.</summary>
    public required LoadRun Bare { get; init; }

    /// <summary>In process; microseconds.</summary>
    public required Latencies Scoring { get; init; }

    /// <summary>Requests at a rate.</summary>
    public required LoadRun Asked { get; init; }

    /// <summary>Bus to bus at a rate.</summary>
    public required LoadRun Open { get; init; }

    /// <summary>Bus to bus, as many as went through.</summary>
    public required LoadRun Full { get; init; }

    /// <summary>Round trips to Redis of a payment that comes alone.</summary>
    public required double Trips { get; init; }

    /// <summary>Processor seconds of each process while <see cref="Full"/> ran.</summary>
    public required IReadOnlyDictionary<string, double> Spent { get; init; }

    /// <summary>Processor seconds of everything else meanwhile.</summary>
    public required double OtherSeconds { get; init; }

    /// <summary>Payments that were published and confirmed, or asked for and answered.</summary>
    public required long Payments { get; init; }

    /// <summary>What is stored of them.</summary>
    public required DecisionRows Rows { get; init; }

    /// <summary>Published payments whose decision was not announced.</summary>
    public required long Missing { get; init; }

    /// <summary>Decisions that were announced again.</summary>
    public required long Doubled { get; init; }

    /// <summary>Decisions that do not follow from their stored vectors.</summary>
    public required long Changed { get; init; }

    /// <summary>Whether a model was in force.</summary>
    public required bool HasModel { get; init; }

    private double PerSecond => Full.Sent / Full.Seconds;

    public BenchResult ToResult() => new()
    {
        Bench = "fraud",
        Metrics = Metrics(),
        Yardstick = new Dictionary<string, double>
        {
            ["gigaflops"] = Math.Round(Gigaflops),
            ["requestsPerSecond"] = Math.Round(Bare.Sent / Bare.Seconds),
        },
        Ratio = Math.Round(PerSecond * Bare.Seconds / Bare.Sent, 4),
        Processes = Spent.ToDictionary(
            process => process.Key,
            process => (IReadOnlyDictionary<string, double>)new Dictionary<string, double>
            {
                ["cpuMicrosecondsPerPayment"] = Math.Round(process.Value * 1e6 / Full.Sent),
            }),
        Targets = _targets,
        Notes =
        [
            .. new[] { Open.FellBehind, Asked.FellBehind }.OfType<string>(),
            .. HasModel ? Array.Empty<string>() : ["No model is in force: rules decided alone."],
        ],
    };

    private Dictionary<string, double> Metrics() => new()
    {
        ["transactionsPerSecond"] = Math.Round(PerSecond),
        ["p50Ms"] = Open.LatenciesMs.At(0.50),
        ["p99Ms"] = Open.LatenciesMs.At(0.99),
        ["p999Ms"] = Open.LatenciesMs.At(0.999),
        ["assessP50Ms"] = Asked.LatenciesMs.At(0.50),
        ["assessP99Ms"] = Asked.LatenciesMs.At(0.99),
        ["scoringP50Us"] = Scoring.At(0.50),
        ["scoringP99Us"] = Scoring.At(0.99),
        ["redisRoundTrips"] = Trips,
        ["saturatedP50Ms"] = Full.LatenciesMs.At(0.50),
        ["saturatedP99Ms"] = Full.LatenciesMs.At(0.99),
        ["payments"] = Payments,
        ["lost"] = Missing + Math.Max(0, Payments - Rows.Decisions),
        ["doubled"] = Doubled + Math.Max(0, Rows.Decisions - Payments),
        ["off"] = Rows.Uncounted,
        ["decisionsChanged"] = Changed,
        ["alertedPercent"] = Math.Round(100.0 * Rows.Alerts / Payments, 2),
        ["cpuMicrosecondsPerPayment"] = Math.Round(Spent.Values.Sum() * 1e6 / Full.Sent),
        ["coresOfOthers"] = Math.Round(OtherSeconds / Full.Seconds, 2),
    };
}
