using System.Diagnostics;

namespace Ecom.ServiceDefaults.Telemetry;

/// <summary>
/// Continues the traces of the events inside one message: a span for each distinct sampled <c>traceparent</c>,
/// child of that event's request and linked to the message's span, so that a click's trace goes on through batches.
/// </summary>
public sealed class EventSpans : IDisposable
{
    private readonly List<Activity> _spans = [];
    private readonly Activity? _message;

    private EventSpans(Activity? message) => _message = message;

    /// <summary>
    /// Starts the spans; dispose to end them. Sets no current activity, so that nothing nests by accident.
    /// </summary>
    /// <param name="source">The service's source.</param>
    /// <param name="name">Span name, for example "process interactions-recorded".</param>
    /// <param name="traceParents">The events' trace contexts; null and unsampled ones start nothing.</param>
    public static EventSpans Start(ActivitySource source, string name, IEnumerable<string?> traceParents)
    {
        var message = Activity.Current;
        var spans = new EventSpans(message);
        foreach (var traceParent in traceParents.Distinct())
        {
            if (traceParent is null
                || !ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent)
                || !parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)
                || parent.TraceId == message?.TraceId)
            {
                continue;
            }

            var links = message is null ? null : new[] { new ActivityLink(message.Context) };
            if (source.StartActivity(name, ActivityKind.Consumer, parent, links: links) is { } span)
            {
                spans._spans.Add(span);
                message?.AddLink(new ActivityLink(span.Context));
            }
        }

        Activity.Current = message;
        return spans;
    }

    /// <summary>Sets an attribute on every span, for example a model version.</summary>
    public void SetTag(string key, object? value)
    {
        foreach (var span in _spans)
        {
            span.SetTag(key, value);
        }
    }

    /// <summary>Ends the spans.</summary>
    public void Dispose()
    {
        foreach (var span in _spans)
        {
            span.Dispose();
        }

        Activity.Current = _message;
    }
}
