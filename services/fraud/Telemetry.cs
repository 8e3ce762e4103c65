using System.Diagnostics;
using System.Diagnostics.Metrics;

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

    public static readonly Counter<long> Refused = _meter.CreateCounter<long>(
        "ecom.fraud.events.refused", "{event}", "Events left out because their customer was erased.");
}
