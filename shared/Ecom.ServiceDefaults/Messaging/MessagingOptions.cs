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

    /// <summary>Messages handled at once on each queue. Default 8.</summary>
    [Range(1, 256)]
    public int ConcurrentMessages { get; init; } = 8;

    /// <summary>Messages fetched ahead on each queue. Default 16.</summary>
    [Range(1, 1_000)]
    public ushort Prefetch { get; init; } = 16;

    /// <summary>
    /// Waits before each retry of a failed message; after the last it goes to the error queue. Default 0.1, 0.5, 2,
    /// 5, 10 seconds.
    /// </summary>
    public IReadOnlyList<TimeSpan> RetryDelays { get; set; } =
    [
        TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(2),
        TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10),
    ];
}
