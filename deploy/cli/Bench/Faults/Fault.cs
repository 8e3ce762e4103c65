namespace Ecom.Cli.Bench.Faults;

/// <summary>How one sees that the system serves again after a fault.</summary>
internal enum Proof
{
    /// <summary>An event is accepted.</summary>
    Accepts,

    /// <summary>A new event becomes a feature.</summary>
    Features,

    /// <summary>The service that was killed is ready and answers.</summary>
    Answers,

    /// <summary>Features and fraud decisions are answered, degraded or not.</summary>
    Reads,
}

/// <summary>Something that is killed (-9) and started again.</summary>
/// <param name="Name">What it is called on the command line.</param>
/// <param name="Process">Name of its process.</param>
/// <param name="Proof">When it counts as over.</param>
internal sealed record Fault(string Name, string Process, Proof Proof)
{
    public const string Redis = "redis";

    /// <summary>In the order in which they happen.</summary>
    public static readonly IReadOnlyList<Fault> All =
    [
        new("broker", "rabbitmq", Proof.Features),
        new("ingestion", "ingestion", Proof.Accepts),
        new("feature-store", "feature-store", Proof.Features),
        new("fraud", "fraud", Proof.Answers) { Path = null },
        new("profiling", "profiling", Proof.Answers) { Path = "/v1/customers/c-1/profile" },
        new("recommendation", "recommendation", Proof.Answers) { Path = "/v1/recommendations?customerId=c-1" },
        new("forecasting", "forecasting", Proof.Answers) { Path = "/v1/forecast-runs" },
        new("training", "training", Proof.Answers) { Path = "/v1/models" },
        new("console", "console", Proof.Answers) { Path = "/health/live" },
        new("postgres", "postgres", Proof.Accepts),
        new(Redis, "redis", Proof.Reads),
    ];

    /// <summary>What the service is asked; null: fraud is asked for a decision.</summary>
    public string? Path { get; init; }

    /// <summary>Whether its data goes with it.</summary>
    public bool LosesData => Name == Redis;
}

/// <summary>What a fault came to.</summary>
internal sealed record FaultOutcome
{
    public required string Fault { get; init; }

    /// <summary>From the kill until the proof; the limit of the wait if it never came.</summary>
    public required double Seconds { get; init; }

    /// <summary>From the kill until every service was ready and nothing was degraded.</summary>
    public required double WholeSeconds { get; init; }

    /// <summary>Why it does not count as over; null if it does.</summary>
    public string? Failure { get; init; }
}
