using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Ecom.Training;

/// <summary>Spans and metrics of training; each is listed in docs/telemetry.md.</summary>
internal static class Telemetry
{
    public const string Name = "Ecom.Training";

    public static readonly ActivitySource Source = new(Name);

    private static readonly Meter _meter = new(Name);

    /// <summary>Runs that ended, by trainer and state.</summary>
    public static readonly Counter<long> Runs = _meter.CreateCounter<long>(
        "ecom.training.runs", "{run}", "Runs that ended, by trainer and state");

    /// <summary>How long runs took, by trainer.</summary>
    public static readonly Histogram<double> RunDuration = _meter.CreateHistogram<double>(
        "ecom.training.run.duration", "s", "Time from start to end of a run, by trainer");

    /// <summary>Changes of champion, by model and kind.</summary>
    public static readonly Counter<long> Promotions = _meter.CreateCounter<long>(
        "ecom.training.promotions", "{promotion}", "Changes of champion, by model and kind");

    /// <summary>Measurements of live quality that fell below what was expected, by model and metric.</summary>
    public static readonly Counter<long> Degradations = _meter.CreateCounter<long>(
        "ecom.training.degradations", "{measurement}", "Live quality below what was expected, by model and metric");
}
