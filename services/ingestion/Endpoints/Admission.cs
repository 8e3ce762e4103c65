using Ecom.ServiceDefaults.Messaging;
using Microsoft.Extensions.Options;

namespace Ecom.Ingestion.Endpoints;

/// <summary>
/// Lets requests with events in, as long as the broker's backlog and the bodies in memory stay within their limits.
/// </summary>
internal sealed partial class Admission(
    OutboxWatch outbox, IOptions<IngestionOptions> options, ILogger<Admission> logger)
{
    private const int BusySeconds = 1;
    private const int FullSeconds = 5;
    private bool _isFull;
    private long _bytes;

    /// <summary>Handles a request that is let in, refuses another with 503.</summary>
    public async ValueTask<object?> AdmitAsync(
        EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (IsFull())
        {
            return IngestionProblems.Busy(http, "Too many messages wait for the broker.", FullSeconds);
        }

        // A body of unknown length may become as large as the limit; one beyond it is not read at all.
        var most = options.Value.MaxBatchBytes;
        var bytes = Math.Min(http.Request.ContentLength ?? most, most);
        try
        {
            return Interlocked.Add(ref _bytes, bytes) > options.Value.MaxBytesInFlight
                ? IngestionProblems.Busy(http, "Too many requests are under way.", BusySeconds)
                : await next(context);
        }
        finally
        {
            Interlocked.Add(ref _bytes, -bytes);
        }
    }

    private bool IsFull()
    {
        var rows = outbox.Rows;
        var isFull = rows >= options.Value.MaxBacklog;
        if (isFull != Interlocked.Exchange(ref _isFull, isFull))
        {
            LogChanged(isFull ? "refused" : "accepted", rows);
        }

        return isFull;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Events are {State}: {Rows} messages wait for the broker")]
    private partial void LogChanged(string state, long rows);
}
