namespace Ecom.Console.Live;

/// <summary>What the Live page shows: one look at all sources. Null parts are of sources that did not answer.</summary>
internal sealed record LiveSnapshot
{
    public static LiveSnapshot Empty { get; } = new()
    {
        TakenAt = null,
        Services = [],
        History = [],
    };

    /// <summary>Null before the first look.</summary>
    public required DateTimeOffset? TakenAt { get; init; }

    /// <summary>Every service of the system, in the order of the flow.</summary>
    public required IReadOnlyList<ServiceState> Services { get; init; }

    /// <summary>Rates of the last minutes, oldest first.</summary>
    public required IReadOnlyList<RateSample> History { get; init; }

    public IngestionTotals? Totals { get; init; }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<RecentEvent>? Recent { get; init; }

    /// <summary>Most frequent first.</summary>
    public IReadOnlyList<RejectReason>? Rejects { get; init; }
}

/// <summary>Readiness of one service, as its <c>/health/ready</c> says.</summary>
internal sealed record ServiceState
{
    /// <summary>Kebab case, for example "feature-store".</summary>
    public required string Name { get; init; }

    public required Readiness Readiness { get; init; }

    public required IReadOnlyList<CheckState> Checks { get; init; }

    public required IReadOnlyList<QueueState> Queues { get; init; }

    /// <summary>Null for a service without outbox.</summary>
    public OutboxState? Outbox { get; init; }

    public double? AnswerMs { get; init; }
}

internal enum Readiness
{
    /// <summary>Its address is not in the configuration.</summary>
    Unknown,

    /// <summary>It does not answer.</summary>
    Away,

    /// <summary>It answers, and says what it lacks.</summary>
    Unready,

    Ready,
}

internal sealed record CheckState
{
    public required string Name { get; init; }

    /// <summary>Healthy, Degraded or Unhealthy.</summary>
    public required string Status { get; init; }

    public string? Description { get; init; }
}

internal sealed record QueueState
{
    public required string Service { get; init; }

    public required string Name { get; init; }

    /// <summary>Messages that wait or are being worked on.</summary>
    public required long Messages { get; init; }

    /// <summary>Null for a queue in which messages only wait to be tried again.</summary>
    public required long? Consumers { get; init; }

    /// <summary>Messages of the queue that failed for good and wait for a person.</summary>
    public required long Errors { get; init; }
}

internal sealed record OutboxState
{
    public required long Rows { get; init; }

    public required double OldestSeconds { get; init; }
}

/// <summary>Counts since the system was set up.</summary>
internal sealed record IngestionTotals
{
    public required long Accepted { get; init; }

    public required long Duplicates { get; init; }

    public required long Rejected { get; init; }

    /// <summary>Messages that ingestion published since it started; null where its metrics cannot be read.</summary>
    public long? Published { get; init; }
}

/// <summary>Events accepted and messages published in a second, averaged since the sample before.</summary>
internal sealed record RateSample
{
    public required DateTimeOffset At { get; init; }

    /// <summary>Null where ingestion did not answer.</summary>
    public double? EventsIn { get; init; }

    public double? MessagesOut { get; init; }
}

/// <summary>One event as ingestion shows it, with personal data masked.</summary>
internal sealed record RecentEvent
{
    public required DateTimeOffset ReceivedAt { get; init; }

    public DateTimeOffset? OccurredAt { get; init; }

    public required string Kind { get; init; }

    /// <summary>What it is about: a product, an order, a payment.</summary>
    public string? Subject { get; init; }

    /// <summary>Masked.</summary>
    public string? Customer { get; init; }

    public string? Client { get; init; }

    public bool Backfill { get; init; }

    public string? TraceId { get; init; }
}

internal sealed record RejectReason
{
    public required string Reason { get; init; }

    public required long Count { get; init; }
}
