using System.Diagnostics;
using Ecom.Ingestion.Envelopes;
using Ecom.Ingestion.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.Ingestion.Endpoints;

/// <summary>The answer to a batch: what became of each event, in the order of the request.</summary>
internal sealed record BatchAnswer(
    string? TraceId, int Accepted, int Duplicates, int Rejected, LineCounts Lines, IReadOnlyList<EventAnswer> Results)
{
    public static BatchAnswer Of(IReadOnlyList<ReadEvent> events, IReadOnlyList<Verdict> verdicts)
    {
        var results = events.Zip(verdicts, EventAnswer.Of).ToArray();
        int Count(VerdictStatus status) => verdicts.Count(verdict => verdict.Status == status);
        int Lines(VerdictStatus status) => events.Zip(verdicts)
            .Where(pair => pair.Second.Status == status).Sum(pair => pair.First.LineCount);
        var refusedLines = events.Zip(verdicts)
            .Where(pair => pair.Second.Status == VerdictStatus.Accepted).Sum(pair => pair.First.RejectedLines.Count);
        return new BatchAnswer(
            Activity.Current?.TraceId.ToHexString(),
            Count(VerdictStatus.Accepted),
            Count(VerdictStatus.Duplicate),
            Count(VerdictStatus.Rejected),
            new LineCounts(
                Lines(VerdictStatus.Accepted) - refusedLines,
                Lines(VerdictStatus.Duplicate),
                Lines(VerdictStatus.Rejected) + refusedLines),
            results);
    }
}

/// <summary>Lines of orders and refunds: the three sum to the lines that were sent.</summary>
internal sealed record LineCounts(int Accepted, int Duplicates, int Rejected);

/// <summary>What became of one event.</summary>
/// <param name="MessageId">The sender's id, or ours if it gave none.</param>
/// <param name="Status">"accepted", "duplicate" or "rejected".</param>
/// <param name="EventId">Our id; of the first one for a duplicate; what to replay for a rejected one.</param>
/// <param name="Reason">Why it was rejected; else null.</param>
/// <param name="Path">JSON path inside the event; null unless rejected.</param>
/// <param name="Detail">What helps to mend it; may be null.</param>
/// <param name="RejectedLines">Lines that were refused by themselves.</param>
internal sealed record EventAnswer(
    string MessageId,
    string Status,
    Guid EventId,
    string? Reason,
    string? Path,
    string? Detail,
    IReadOnlyList<LineAnswer> RejectedLines)
{
    public static EventAnswer Of(ReadEvent read, Verdict verdict) => new(
        read.MessageId,
        verdict.Status.ToString().ToLowerInvariant(),
        verdict.EventId,
        verdict.Rejection?.Reason,
        verdict.Rejection?.Path,
        verdict.Rejection?.Detail,
        verdict.Status == VerdictStatus.Duplicate
            ? []
            : [.. read.RejectedLines.Select(line => new LineAnswer(line.Path, line.Reason))]);
}

/// <summary>A line that was refused.</summary>
internal sealed record LineAnswer(string Path, string Reason);

/// <summary>The answer to one event.</summary>
internal sealed record TrackAnswer(string? TraceId, EventAnswer Result);

/// <summary>Problems of the ingestion endpoints.</summary>
internal static class IngestionProblems
{
    public static ProblemHttpResult Malformed(string detail) => TypedResults.Problem(
        title: "Malformed JSON", detail: detail, statusCode: StatusCodes.Status400BadRequest);

    public static ProblemHttpResult TooLarge(string detail) => TypedResults.Problem(
        title: "Too large", detail: detail, statusCode: StatusCodes.Status413PayloadTooLarge);

    public static ProblemHttpResult TooSlow(HttpContext context, TimeSpan limit)
    {
        // What is left of the body would be read as the next request.
        context.Response.Headers.Connection = "close";
        return TypedResults.Problem(
            title: "Too slow",
            detail: $"A request must arrive within {limit.TotalSeconds} seconds.",
            statusCode: StatusCodes.Status408RequestTimeout);
    }

    public static ProblemHttpResult Busy(HttpContext context, string detail, int retrySeconds)
    {
        context.Response.Headers.RetryAfter =
            retrySeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return TypedResults.Problem(
            title: "Try again later", detail: detail, statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    public static ProblemHttpResult Rejected(EventAnswer result) => TypedResults.Problem(
        title: "Event rejected",
        detail: result.Detail ?? $"{result.Reason} at {result.Path}",
        statusCode: StatusCodes.Status422UnprocessableEntity,
        extensions: new Dictionary<string, object?>
        {
            ["messageId"] = result.MessageId,
            ["eventId"] = result.EventId,
            ["reason"] = result.Reason,
            ["path"] = result.Path,
            ["rejectedLines"] = result.RejectedLines,
        });
}
