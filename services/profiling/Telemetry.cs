using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Ecom.Profiling;

/// <summary>Spans and instruments of this service.</summary>
internal static class Telemetry
{
    public static readonly ActivitySource Source = new("Ecom.Profiling");

    private static readonly Meter _meter = new("Ecom.Profiling");

    public static readonly Counter<long> Profiles = _meter.CreateCounter<long>(
        "ecom.profiling.profiles", "{profile}", "Profiles made anew.");

    public static readonly Histogram<double> MineDuration = _meter.CreateHistogram<double>(
        "ecom.profiling.mine.duration", "s", "Time to mine the rules.");
}
