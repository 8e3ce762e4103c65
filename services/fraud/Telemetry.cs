using System.Diagnostics;
using System.Diagnostics.Metrics;
using Ecom.Fraud.Rings;

namespace Ecom.Fraud;

/// <summary>Spans and metrics of this service; docs/telemetry.md lists them.</summary>
internal static class Telemetry
{
    public static readonly ActivitySource Source = new("Ecom.Fraud");

    private static readonly Meter _meter = new("Ecom.Fraud");

    public static readonly Counter<long> Decisions = _meter.CreateCounter<long>(
        "ecom.fraud.decisions", "{payment}", "Payments decided, by decision and by the way they came first.");

    public static readonly Counter<long> Alerts = _meter.CreateCounter<long>(
        "ecom.fraud.alerts", "{alert}", "Payments that raised or joined an alert, by decision.");

    public static readonly Counter<long> AlertsPublished = _meter.CreateCounter<long>(
        "ecom.fraud.alerts.published",
        "{alert}",
        "Events of alerts that the broker confirmed on the exchange fraud.alerts.");

    public static readonly Counter<long> WebhookAttempts = _meter.CreateCounter<long>(
        "ecom.fraud.webhooks.attempts", "{attempt}", "Attempts to send an event to a webhook, by result.");

    public static readonly Histogram<double> AssessDuration = _meter.CreateHistogram<double>(
        "ecom.fraud.assess.duration", "s", "From a payment's arrival to its decision, waiting for others included.");

    public static readonly Histogram<double> Drift = _meter.CreateHistogram<double>(
        "ecom.fraud.model.drift", "1", "Stability index of the newest scores against what the model learnt from.");

    public static readonly Counter<long> Fallbacks = _meter.CreateCounter<long>(
        "ecom.fraud.model.fallbacks", "{payment}", "Payments that rules decided alone although there is a model.");

    public static readonly Counter<long> CountedLater = _meter.CreateCounter<long>(
        "ecom.fraud.decisions.counted_later", "{payment}", "Payments that a job counted because a crash prevented it.");

    public static readonly Counter<long> LabelsCounted = _meter.CreateCounter<long>(
        "ecom.fraud.labels.counted", "{label}", "Labels that became events of the online state.");

    public static readonly Counter<long> RingChanges = _meter.CreateCounter<long>(
        "ecom.fraud.rings.changes", "{ring}", "Rings that were formed, grown, merged or split.");

    public static readonly Counter<long> FullLinks = _meter.CreateCounter<long>(
        "ecom.fraud.rings.full_links",
        "{link}",
        "Devices, cards and addresses of payments that tied nobody because too many share them.");

    public static readonly Counter<long> AlertsMerged = _meter.CreateCounter<long>(
        "ecom.fraud.alerts.merged", "{alert}", "Open alerts of single customers that went into that of their ring.");

    public static readonly Counter<long> Refused = _meter.CreateCounter<long>(
        "ecom.fraud.events.refused", "{event}", "Events left out because their customer was erased.");

    /// <summary>Counts what a payment did to the rings.</summary>
    public static void Count(RingPlan ring)
    {
        if (ring.Change is { } change)
        {
            RingChanges.Add(1, new KeyValuePair<string, object?>("ecom.fraud.ring.change", change));
        }

        foreach (var (link, _) in ring.Payment.Links.Zip(ring.Binds).Where(pair => !pair.Second))
        {
            FullLinks.Add(1, new KeyValuePair<string, object?>(
                "ecom.fraud.ring.link", link.Kind.ToString().ToLowerInvariant()));
        }
    }
}
