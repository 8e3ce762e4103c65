using System.Diagnostics.Metrics;
using Ecom.Ingestion.Storage;

namespace Ecom.Ingestion;

/// <summary>The service's own metrics; docs/telemetry.md explains each.</summary>
internal static class IngestionTelemetry
{
    private static readonly Meter _meter = new("Ecom.Ingestion");

    private static readonly Counter<long> _events = _meter.CreateCounter<long>(
        "ecom.ingestion.events", "{event}", "Events received, by outcome and, if rejected, reason.");

    private static readonly Histogram<long> _groupEvents = _meter.CreateHistogram<long>(
        "ecom.ingestion.group.events", "{event}", "Events that were written in one transaction.");

    private static readonly Histogram<long> _groupRequests = _meter.CreateHistogram<long>(
        "ecom.ingestion.group.requests", "{request}", "Requests that shared one transaction.");

    private static readonly Histogram<double> _commit = _meter.CreateHistogram<double>(
        "ecom.ingestion.commit.duration", "s", "Time to write one transaction.");

    public static void Received(IReadOnlyList<Verdict> verdicts)
    {
        foreach (var outcome in verdicts.GroupBy(verdict => (verdict.Status, verdict.Rejection?.Reason)))
        {
            _events.Add(
                outcome.Count(),
                new KeyValuePair<string, object?>("ecom.outcome", outcome.Key.Status.ToString().ToLowerInvariant()),
                new KeyValuePair<string, object?>("ecom.reason", outcome.Key.Reason));
        }
    }

    public static void GroupWritten(int requests, int events, TimeSpan duration)
    {
        _groupRequests.Record(requests);
        _groupEvents.Record(events);
        _commit.Record(duration.TotalSeconds);
    }
}
