using System.Globalization;
using System.Text;
using System.Text.Json;
using Ecom.Ingestion.Envelopes;
using Ecom.Ingestion.Storage;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Ecom.Ingestion.Endpoints;

/// <summary>What was refused: list, count, mend and replay.</summary>
internal static class RejectionEndpoints
{
    private const int MostRows = 500;

    public static void MapRejections(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/rejected").RequireScope(Scopes.Ops).WithTags("Rejected");
        group.MapGet("/", ListRejected).WithName(nameof(ListRejected))
            .WithSummary("Refused events and lines, newest first; personal values are sealed.");
        group.MapGet("/summary", SummariseRejected).WithName(nameof(SummariseRejected))
            .WithSummary("Refused events and lines by reason.");
        group.MapPost("/{id:guid}/replay", ReplayRejected).WithName(nameof(ReplayRejected))
            .Accepts<JsonElement>(isOptional: true, "application/json")
            .WithSummary("Reads a refused event again, as it was or as the body says.");
    }

    private static async Task<Results<Ok<RejectedPage>, ProblemHttpResult>> ListRejected(
        RejectionStore rejections, string? reason, string? cursor, CancellationToken cancellation, int limit = 50)
    {
        long? before = null;
        if (!string.IsNullOrEmpty(cursor))
        {
            if (!long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var position))
            {
                return TypedResults.Problem(
                    title: "Unknown cursor",
                    detail: "cursor must be a value of next, or be left out.",
                    statusCode: StatusCodes.Status400BadRequest);
            }

            before = position;
        }

        var most = Math.Clamp(limit, 1, MostRows);
        var rows = await rejections.ListAsync(reason, before, most, cancellation);
        var next = rows.Count == most ? rows[^1].Position.ToString(CultureInfo.InvariantCulture) : null;
        return TypedResults.Ok(new RejectedPage([.. rows.Select(RejectedItem.Of)], next));
    }

    private static async Task<Ok<IReadOnlyList<RejectionCount>>> SummariseRejected(
        RejectionStore rejections, CancellationToken cancellation) =>
        TypedResults.Ok(await rejections.CountAsync(cancellation));

    private static async Task<Results<Accepted<TrackAnswer>, ProblemHttpResult>> ReplayRejected(
        Guid id,
        HttpContext context,
        RejectionStore rejections,
        Intake intake,
        IOptions<IngestionOptions> options,
        CancellationToken cancellation)
    {
        if (await rejections.FindAsync(id, cancellation) is not { } rejection)
        {
            return TypedResults.Problem(title: "No such rejection", statusCode: StatusCodes.Status404NotFound);
        }

        if (await RequestBody.ReadAsync(context.Request, options.Value.MaxBatchBytes, cancellation) is not { } body)
        {
            return IngestionProblems.TooLarge($"A request holds at most {options.Value.MaxBatchBytes} bytes.");
        }

        if (WhyNot(rejection, body) is { } reason)
        {
            return TypedResults.Problem(
                title: "Cannot be replayed", detail: reason, statusCode: StatusCodes.Status409Conflict);
        }

        try
        {
            BatchSlicer.Check(body.IsEmpty ? "{}"u8.ToArray() : body);
        }
        catch (JsonException error)
        {
            return IngestionProblems.Malformed(error.Message);
        }

        var json = body.IsEmpty ? Encoding.UTF8.GetBytes(rejection.Payload!) : body;
        return await intake.ReplayAsync(context, rejection, json, cancellation);
    }

    private static string? WhyNot(StoredRejection rejection, ReadOnlyMemory<byte> body) => rejection switch
    {
        { Line: true } => "A line belongs to its order; send the mended order as a new one.",
        { ReplayedAt: not null } => $"It was replayed already, as event {rejection.ReplayedEventId}.",
        { Payload: null } when body.IsEmpty => "Nothing of it was kept; send the mended event as the body.",
        _ => null,
    };
}

/// <summary>A page of rejections.</summary>
/// <param name="Items">Newest first.</param>
/// <param name="Next">Cursor of the next page; null if this is the last.</param>
internal sealed record RejectedPage(IReadOnlyList<RejectedItem> Items, string? Next);

/// <summary>A refused event or line.</summary>
internal sealed record RejectedItem(
    Guid Id,
    bool Line,
    Guid EventId,
    DateTimeOffset ReceivedAt,
    string Client,
    string MessageId,
    string Kind,
    string Reason,
    string Path,
    string? Detail,
    JsonElement? Payload,
    DateTimeOffset? ReplayedAt,
    Guid? ReplayedEventId)
{
    public static RejectedItem Of(StoredRejection row) => new(
        row.Id, row.Line, row.EventId, row.ReceivedAt, row.Client, row.MessageId, row.Kind, row.Reason, row.Path,
        row.Detail, row.Payload is null ? null : JsonSerializer.Deserialize<JsonElement>(row.Payload),
        row.ReplayedAt, row.ReplayedEventId);
}
