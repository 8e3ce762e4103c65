using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Ecom.FeatureStore;

/// <summary>Spans and metrics of this service; docs/telemetry.md lists them.</summary>
internal static class Telemetry
{
    public static readonly ActivitySource Source = new("Ecom.FeatureStore");

    private static readonly Meter _meter = new("Ecom.FeatureStore");

    public static readonly Counter<long> Events = _meter.CreateCounter<long>(
        "ecom.feature_store.events", "{event}", "Shop events taken into history and online state, by kind.");

    public static readonly Counter<long> Refused = _meter.CreateCounter<long>(
        "ecom.feature_store.events.refused", "{event}", "Events left out because their customer was erased.");

    public static readonly Histogram<double> Lag = _meter.CreateHistogram<double>(
        "ecom.feature_store.lag", "s", "From receipt by ingestion to the online value, newest event of a message.");

    public static readonly Counter<long> Reads = _meter.CreateCounter<long>(
        "ecom.feature_store.reads", "{entity}", "Entities read online.");
}
