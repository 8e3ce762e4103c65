using System.Diagnostics;
using System.Diagnostics.Metrics;
using Ecom.Recommendation.Placements;

namespace Ecom.Recommendation;

/// <summary>Spans and instruments of this service.</summary>
internal static class Telemetry
{
    public static readonly ActivitySource Source = new("Ecom.Recommendation");

    private static readonly Meter _meter = new("Ecom.Recommendation");

    public static readonly ItemCounts Items = new(_meter);

    public static readonly Histogram<double> RefreshDuration = _meter.CreateHistogram<double>(
        "ecom.recommendation.refresh.duration", "s", "Time to make one generation of lists.");

    public static readonly Counter<long> ServedDropped = _meter.CreateCounter<long>(
        "ecom.recommendation.served.dropped", "{answer}", "Answers not announced because the database was away.");

    public static readonly Counter<long> Outcomes = _meter.CreateCounter<long>(
        "ecom.recommendation.outcomes", "{outcome}", "Clicks, carts and order lines credited to answers.");

    public static readonly Counter<long> ArmsStopped = _meter.CreateCounter<long>(
        "ecom.recommendation.arms.stopped", "{arm}", "Arms of experiments stopped by a guard-rail, by metric.");

    public static readonly Histogram<double> ReactionDuration = _meter.CreateHistogram<double>(
        "ecom.recommendation.reaction.duration", "s", "From a visitor's event in the tables to the list made anew.");

    public static readonly Counter<long> ReactionsDropped = _meter.CreateCounter<long>(
        "ecom.recommendation.reactions.dropped", "{visitor}", "Visitors not made anew at once since too many waited.");
}
