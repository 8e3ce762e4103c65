using System.ComponentModel.DataAnnotations;

namespace Ecom.ServiceDefaults.Messaging;

/// <summary>Section <c>Messaging</c> of the configuration.</summary>
public sealed class MessagingOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Messaging";

    /// <summary>
    /// Queues that must exist and be bound before the outbox publishes. Default: none; ingestion names its own.
    /// </summary>
    public IReadOnlyList<string> Subscribers { get; set; } = [];

    /// <summary>Workers that publish a backlog of the outbox, each 64 messages at once. Default 2.</summary>
    [Range(1, 8)]
    public int RelayWorkers { get; init; } = 2;

    /// <summary>Messages handled at once on each queue. Default 8.</summary>
    [Range(1, 256)]
    public int ConcurrentMessages { get; init; } = 8;

    /// <summary>
    /// Messages handled at once on the queue of a consumer that gathers them into groups. Default 64.
    /// </summary>
    [Range(1, 1_000)]
    public int GatheredMessages { get; init; } = 64;

    /// <summary>Messages fetched ahead on each queue. Default 16.</summary>
    [Range(1, 1_000)]
    public ushort Prefetch { get; init; } = 16;

    /// <summary>
    /// Waits before each retry of a failed message in memory, where it holds a place among the prefetched ones.
    /// Null: 0.1, 0.5, 2 seconds.
    /// </summary>
    public IReadOnlyList<TimeSpan>? RetryDelays { get; set; }

    /// <summary>
    /// Waits before a message that failed after these retries comes again; in the broker, so that others go on. After
    /// the last it is parked. Null: 10 seconds, 1 minute, 10 minutes, 1 hour, which outlasts an outage of an hour.
    /// </summary>
    public IReadOnlyList<TimeSpan>? LaterRetryDelays { get; set; }

    // A default of a list is not replaced by the configuration but added to: hence null.
    internal IReadOnlyList<TimeSpan> Retries => RetryDelays ??
        [TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(2)];

    internal IReadOnlyList<TimeSpan> LaterRetries => LaterRetryDelays ??
        [TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10), TimeSpan.FromHours(1)];
}
