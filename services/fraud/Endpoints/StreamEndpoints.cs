using System.Globalization;
using System.Text;
using Ecom.Fraud.Alerts;
using Ecom.Fraud.Jobs;
using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Keys;
using Microsoft.Extensions.Options;

namespace Ecom.Fraud.Endpoints;

/// <summary>What happens to alerts and cases, as server-sent events.</summary>
internal static class StreamEndpoints
{
    private const int EventsAtOnce = 200;
    private static readonly TimeSpan _heartbeat = TimeSpan.FromSeconds(15);

    // A key that was taken back must not go on reading for ever: the client comes again with its Last-Event-ID.
    private static readonly TimeSpan _longest = TimeSpan.FromHours(1);

    public static void MapStream(this IEndpointRouteBuilder app) =>
        app.MapGet("/v1/alerts/stream", StreamAlerts)
            .WithName(nameof(StreamAlerts))
            .WithSummary("Events as they happen (text/event-stream); resumes behind Last-Event-ID, or after=.")
            .RequireScope(Scopes.Fraud);

    private static async Task<IResult> StreamAlerts(
        HttpContext http,
        EventLog events,
        EventFeed feed,
        StreamSlots slots,
        IOptions<FraudOptions> options,
        IHostApplicationLifetime lifetime,
        CancellationToken cancellation,
        string? kinds = null,
        long? after = null)
    {
        var header = http.Request.Headers["Last-Event-ID"].ToString();
        if (header.Length > 0)
        {
            if (!long.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var last))
            {
                return ChangeAnswers.Invalid("Last-Event-ID", "Must be the id of an event of this stream: a number.");
            }

            after = last;
        }

        if (after < 0)
        {
            return ChangeAnswers.Invalid("after", "Must be 0, or the id of an event of this stream.");
        }

        var wanted = kinds?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        if (EventKinds.ProblemOf(wanted) is { } problem)
        {
            return ChangeAnswers.Invalid("kinds", problem);
        }

        if (!slots.TryTake(options.Value.Alerts.MaxStreams))
        {
            http.Response.Headers.RetryAfter = "30";
            return TypedResults.Problem(
                title: "Too many streams",
                detail: $"This replica serves {options.Value.Alerts.MaxStreams} streams at once, and all are open.",
                statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        try
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(
                cancellation, lifetime.ApplicationStopping);
            ending.CancelAfter(_longest);
            await SendAsync(http.Response, events, feed, wanted, after, ending.Token);
        }
        catch (OperationCanceledException)
        {
            // The client went, the service stops, or the hour is over.
        }
        finally
        {
            slots.GiveBack();
        }

        return TypedResults.Empty;
    }

    private static async Task SendAsync(
        HttpResponse response,
        EventLog events,
        EventFeed feed,
        string[] kinds,
        long? after,
        CancellationToken cancellation)
    {
        var position = after ?? await events.ReadLastAsync(cancellation);
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        await WriteAsync(response, "retry: 2000\n\n", cancellation);
        while (true)
        {
            var moved = feed.Moved;
            var page = await events.ListAsync(position, EventsAtOnce, cancellation);
            var text = new StringBuilder();
            foreach (var one in page.Where(one => EventKinds.Fits(one.Kind, kinds)))
            {
                text.Append(
                    CultureInfo.InvariantCulture, $"id: {one.Position}\nevent: {one.Kind}\ndata: {one.Body}\n\n");
            }

            await WriteAsync(response, text.ToString(), cancellation);
            if (page.Count > 0)
            {
                position = page[^1].Position;
                continue;
            }

            try
            {
                await moved.WaitAsync(_heartbeat, cancellation);
            }
            catch (TimeoutException)
            {
                await WriteAsync(response, ": still here\n\n", cancellation);
            }
        }
    }

    private static async Task WriteAsync(HttpResponse response, string text, CancellationToken cancellation)
    {
        if (text.Length > 0)
        {
            await response.WriteAsync(text, cancellation);
            await response.Body.FlushAsync(cancellation);
        }
    }
}
