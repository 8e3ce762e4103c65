using System.ComponentModel.DataAnnotations;
using Ecom.Ingestion.Cleaning;

namespace Ecom.Ingestion;

/// <summary>Section <c>Ingestion</c> of the configuration; checked when the service starts.</summary>
internal sealed class IngestionOptions
{
    public const string Section = "Ingestion";

    /// <summary>Largest event in bytes of JSON. Default 128 KB.</summary>
    [Range(1_024, 16 * 1024 * 1024)]
    public int MaxEventBytes { get; init; } = 128 * 1024;

    /// <summary>Largest request body in bytes. Default 1 MB.</summary>
    [Range(1_024, 64 * 1024 * 1024)]
    public int MaxBatchBytes { get; init; } = 1024 * 1024;

    /// <summary>Most events, or products, in one request. Default 500.</summary>
    [Range(1, 10_000)]
    public int MaxBatchEvents { get; init; } = 500;

    /// <summary>Most lines of one order or refund. Default 2,000; more could overflow its sums.</summary>
    [Range(1, 2_000)]
    public int MaxOrderLines { get; init; } = 2_000;

    /// <summary>Deepest nesting of one event. Default 16.</summary>
    [Range(4, 64)]
    public int MaxDepth { get; init; } = 16;

    /// <summary>The shop's base currency, ISO 4217. Default GBP.</summary>
    [Required]
    [RegularExpression("^[A-Z]{3}$")]
    public string BaseCurrency { get; init; } = "GBP";

    /// <summary>
    /// What other currencies are worth, by day. Default: none, so that only the base currency is accepted.
    /// </summary>
    public IReadOnlyList<CurrencyRate> Rates { get; init; } = [];

    /// <summary>
    /// Messages that may wait for the broker before new events are answered with 503. Default 200,000.
    /// </summary>
    [Range(1, 100_000_000)]
    public int MaxBacklog { get; init; } = 200_000;

    /// <summary>Events that one transaction may hold. Default 4,000.</summary>
    [Range(1, 100_000)]
    public int MaxGroupEvents { get; init; } = 4_000;

    /// <summary>Requests that may wait for the writer; more are answered with 503. Default 1,000.</summary>
    [Range(1, 100_000)]
    public int MaxWaitingRequests { get; init; } = 1_000;

    /// <summary>
    /// Bytes of request bodies that may be read and written at once; more are answered with 503. Default 64 MB. What
    /// they are read into takes some times as much.
    /// </summary>
    [Range(1_024, long.MaxValue)]
    public long MaxBytesInFlight { get; init; } = 64 * 1024 * 1024;

    /// <summary>Time in which a request's body must have arrived; then 408. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan BodyTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Connections that are open at once; more are closed. Default 4,000, of 64 KB each at most.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; init; } = 4_000;

    /// <summary>Days for which partitions of the raw log exist ahead. Default 3.</summary>
    [Range(1, 30)]
    public int PartitionDaysAhead { get; init; } = 3;

    /// <summary>
    /// Days that the raw log is kept, and with it the keys of orders and payments; 0: for ever. Default 400. Not less
    /// than <see cref="KeepKeysDays"/> and <see cref="KeepRejectionsDays"/>.
    /// </summary>
    [Range(0, 36_500)]
    public int KeepLogDays { get; init; } = 400;

    /// <summary>
    /// Days that a message id is known: sent again later it counts as new. Default 30.
    /// </summary>
    [Range(1, 36_500)]
    public int KeepKeysDays { get; init; } = 30;

    /// <summary>Days that refused events are kept for people to mend and replay. Default 90.</summary>
    [Range(1, 36_500)]
    public int KeepRejectionsDays { get; init; } = 90;

    /// <summary>Whether the log outlives what refers to it.</summary>
    public bool KeepsLogLongest => KeepLogDays == 0 || KeepLogDays >= Math.Max(KeepKeysDays, KeepRejectionsDays);
}
