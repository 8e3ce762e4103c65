using System.Diagnostics.Metrics;

namespace Ecom.Console;

/// <summary>What the console counts about its own intake.</summary>
internal static class Telemetry
{
    private static readonly Meter _meter = new("Ecom.Console");

    public static Counter<long> SpansStored { get; } = _meter.CreateCounter<long>(
        "ecom.console.spans.stored", "{span}", "Spans written to PostgreSQL.");

    /// <summary>Tag <c>ecom.reason</c>: queue_full, invalid, too_old, in_future.</summary>
    public static Counter<long> SpansDropped { get; } = _meter.CreateCounter<long>(
        "ecom.console.spans.dropped", "{span}", "Spans received and not kept, by reason.");

    public static Counter<long> LogsStored { get; } = _meter.CreateCounter<long>(
        "ecom.console.logs.stored", "{record}", "Log records of a trace written to PostgreSQL.");

    /// <summary>Tag <c>ecom.reason</c>: queue_full.</summary>
    public static Counter<long> LogsDropped { get; } = _meter.CreateCounter<long>(
        "ecom.console.logs.dropped", "{record}", "Log records worth keeping and not kept, by reason.");

    public static UpDownCounter<long> SpansWaiting { get; } = _meter.CreateUpDownCounter<long>(
        "ecom.console.spans.waiting", "{span}", "Spans that wait for the database.");

    public static KeyValuePair<string, object?> Reason(string reason) => new("ecom.reason", reason);
}
