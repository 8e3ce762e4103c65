using System.Diagnostics;

namespace Ecom.ServiceDefaults.Telemetry;

/// <summary>Spans of Redis calls, made here and nowhere else, since no instrumentation package exists.</summary>
public static class RedisSpans
{
    private static readonly ActivitySource _source = new("Ecom.Redis");

    /// <summary>
    /// Starts a client span for one round trip; dispose it when the answer is there. Null when not sampled.
    /// </summary>
    /// <param name="operation">What is done, for example "HGETALL" or "apply deltas".</param>
    /// <param name="commands">Commands in the pipelined round trip.</param>
    public static Activity? Start(string operation, int commands = 1)
    {
        // What belongs to a trace that is not kept is not kept either: told before a name is made and samplers asked.
        if (Activity.Current is { IsAllDataRequested: false })
        {
            return null;
        }

        var span = _source.StartActivity($"redis {operation}", ActivityKind.Client);
        span?.SetTag("db.system.name", "redis");
        span?.SetTag("db.operation.name", operation);
        span?.SetTag("db.operation.batch.size", commands);
        return span;
    }
}
