using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Ecom.Forecasting;

/// <summary>Spans and instruments of this service.</summary>
internal static class Telemetry
{
    public static readonly ActivitySource Source = new("Ecom.Forecasting");

    private static readonly Meter _meter = new("Ecom.Forecasting");

    public static readonly Counter<long> Forecasts = _meter.CreateCounter<long>(
        "ecom.forecasting.forecasts", "{forecast}", "Forecasts made, by the method that won the back-test.");

    public static readonly Counter<long> Proposals = _meter.CreateCounter<long>(
        "ecom.forecasting.proposals", "{proposal}", "Reorder proposals made.");

    public static readonly Histogram<double> RunDuration = _meter.CreateHistogram<double>(
        "ecom.forecasting.run.duration", "s", "Time to forecast every product.");
}
