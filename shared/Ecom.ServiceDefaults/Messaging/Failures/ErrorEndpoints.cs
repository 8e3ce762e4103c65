using System.Globalization;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using RabbitMQ.Client.Exceptions;

namespace Ecom.ServiceDefaults.Messaging.Failures;

/// <summary>Messages that this service could not handle: list, read, replay, discard.</summary>
internal static class ErrorEndpoints
{
    private const int MostRows = 500;
    private const int MostAtOnce = 1_000;
    private const int MostReasonCharacters = 500;

    private static readonly string[] _states =
        [ParkedMessage.Parked, ParkedMessage.Replayed, ParkedMessage.Discarded];

    public static void MapErrors(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/errors").RequireScope(Scopes.Ops).WithTags("Errors");
        group.MapGet("/", ListErrors).WithName(nameof(ListErrors))
            .WithSummary("Failed messages, newest first, and how many there are by queue and fault.");
        group.MapGet("/{id:guid}", GetError).WithName(nameof(GetError))
            .WithSummary("One failed message: headers, body, fault, stack.");
        group.MapPost("/{id:guid}/replay", ReplayError).WithName(nameof(ReplayError))
            .WithSummary("Gives one message back to its queue; doing so twice has one effect.");
        group.MapPost("/replay", ReplayErrors).WithName(nameof(ReplayErrors))
            .WithSummary("Gives parked messages back to their queues, the oldest first.");
        group.MapPost("/{id:guid}/discard", DiscardError).WithName(nameof(DiscardError))
            .WithSummary("Gives up one parked message.");
        group.MapPost("/discard", DiscardErrors).WithName(nameof(DiscardErrors))
            .WithSummary("Gives up parked messages of a queue or type, the oldest first.");
    }

    private static async Task<Results<Ok<ErrorPage>, ProblemHttpResult>> ListErrors(
        ParkedMessages parked,
        string? queue,
        string? type,
        string? before,
        CancellationToken cancellation,
        string state = ParkedMessage.Parked,
        int limit = 50)
    {
        if (state != "all" && !_states.Contains(state))
        {
            return Invalid("Unknown state", "state must be parked, replayed, discarded or all.");
        }

        long? position = null;
        if (!string.IsNullOrEmpty(before))
        {
            if (!long.TryParse(before, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            {
                return Invalid("Unknown cursor", "before must be a value of next, or be left out.");
            }

            position = value;
        }

        var filter = new ParkedFilter(Given(queue), Given(type), state == "all" ? null : state);
        var most = Math.Clamp(limit, 1, MostRows);
        var rows = await parked.ListAsync(filter, position, most, cancellation);
        var counts = await parked.CountAsync(filter, cancellation);
        var next = rows.Count == most ? rows[^1].Position.ToString(CultureInfo.InvariantCulture) : null;
        return TypedResults.Ok(new ErrorPage([.. rows.Select(ErrorItem.Of)], next, counts));
    }

    private static async Task<Results<Ok<ErrorDetail>, ProblemHttpResult>> GetError(
        Guid id, ParkedMessages parked, CancellationToken cancellation) =>
        await parked.FindAsync(id, cancellation) is { } row ? TypedResults.Ok(ErrorDetail.Of(row)) : NotFound();

    private static async Task<Results<Ok<ErrorItem>, ProblemHttpResult>> ReplayError(
        Guid id, HttpContext context, Replay replay, ParkedMessages parked, CancellationToken cancellation)
    {
        try
        {
            return await replay.OneAsync(id, Client(context), cancellation)
                && await parked.FindAsync(id, cancellation) is { } row
                    ? TypedResults.Ok(ErrorItem.Of(row))
                    : NotFound();
        }
        catch (Exception error) when (error is RabbitMQClientException or BrokerUnreachableException)
        {
            return NotPublished(error);
        }
    }

    private static async Task<Results<Ok<HandledErrors>, ProblemHttpResult>> ReplayErrors(
        HttpContext context,
        Replay replay,
        ParkedMessages parked,
        CancellationToken cancellation,
        [FromBody] ErrorSelection? selection = null)
    {
        var filter = (selection ?? new ErrorSelection()).Filter;
        try
        {
            var replayed = await replay.ManyAsync(
                filter, Limit(selection), Client(context), cancellation);
            return await CountLeftAsync(replayed, filter, parked, cancellation);
        }
        catch (Exception error) when (error is RabbitMQClientException or BrokerUnreachableException)
        {
            return NotPublished(error);
        }
    }

    private static async Task<Results<Ok<ErrorItem>, ProblemHttpResult>> DiscardError(
        Guid id,
        ErrorDiscard discard,
        HttpContext context,
        ParkedMessages parked,
        ParkedCounts counts,
        CancellationToken cancellation)
    {
        if (WhyNot(discard) is { } problem)
        {
            return problem;
        }

        var discarded = await parked.DiscardAsync(id, Client(context), discard.Reason!, cancellation);
        await counts.RefreshAsync(cancellation);
        if (await parked.FindAsync(id, cancellation) is not { } row)
        {
            return NotFound();
        }

        return discarded
            ? TypedResults.Ok(ErrorItem.Of(row))
            : TypedResults.Problem(
                title: "Handled already",
                detail: $"It was {row.State} by {row.HandledBy} at {row.HandledAt:u}. There is nothing left to do.",
                statusCode: StatusCodes.Status409Conflict);
    }

    private static async Task<Results<Ok<HandledErrors>, ProblemHttpResult>> DiscardErrors(
        ErrorDiscard discard,
        HttpContext context,
        ParkedMessages parked,
        ParkedCounts counts,
        CancellationToken cancellation)
    {
        if (WhyNot(discard) is { } problem)
        {
            return problem;
        }

        var filter = discard.Filter;
        if (filter is { Queue: null, Type: null })
        {
            return Invalid("Nothing selected", "Name a queue or a type. What is discarded has no effect, ever.");
        }

        var discarded = await parked.DiscardAsync(
            filter, Limit(discard), Client(context), discard.Reason!, cancellation);
        await counts.RefreshAsync(cancellation);
        return await CountLeftAsync(discarded, filter, parked, cancellation);
    }

    private static async Task<Ok<HandledErrors>> CountLeftAsync(
        int handled, ParkedFilter filter, ParkedMessages parked, CancellationToken cancellation)
    {
        var left = await parked.CountAsync(filter with { State = ParkedMessage.Parked }, cancellation);
        return TypedResults.Ok(new HandledErrors(handled, left.Sum(count => count.Messages)));
    }

    private static ProblemHttpResult? WhyNot(ErrorDiscard discard) =>
        string.IsNullOrWhiteSpace(discard.Reason) || discard.Reason.Length > MostReasonCharacters
            ? Invalid(
                "No reason",
                $"reason must say why it may be given up, in at most {MostReasonCharacters} characters.")
            : null;

    private static int Limit(ErrorSelection? selection) => Math.Clamp(selection?.Limit ?? MostAtOnce, 1, MostAtOnce);

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private static string Client(HttpContext context) =>
        context.User.Identity?.Name ?? throw new InvalidOperationException("The endpoint must require a key.");

    private static ProblemHttpResult NotFound() => TypedResults.Problem(
        title: "No such message",
        detail: "This service has no failed message of this id. GET /v1/errors lists them; what was replayed or "
            + "discarded is kept for 30 days.",
        statusCode: StatusCodes.Status404NotFound);

    private static ProblemHttpResult NotPublished(Exception error) => error is PublishException { IsReturn: true }
        ? TypedResults.Problem(
            title: "Its queue is gone",
            detail: "No consumer has this queue any more. Discard the message, or deploy its consumer again first.",
            statusCode: StatusCodes.Status409Conflict)
        : TypedResults.Problem(
            title: "RabbitMQ cannot be reached",
            detail: "What is not marked as replayed is still parked. Replay again when the broker is back: a message "
                + "that comes twice has one effect.",
            statusCode: StatusCodes.Status503ServiceUnavailable);

    private static ProblemHttpResult Invalid(string title, string detail) => TypedResults.Problem(
        title: title, detail: detail, statusCode: StatusCodes.Status400BadRequest);
}
