using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.Fraud.Endpoints;

/// <summary>What the fraud team works on.</summary>
internal static class AlertEndpoints
{
    private const int LongestNote = 2_000;
    private static readonly string[] _states = ["open", "confirmed", "dismissed"];

    public static void MapAlerts(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/alerts", GetAlerts)
            .WithName(nameof(GetAlerts))
            .WithSummary("Alerts in the order of raising; go on with after=next.")
            .RequireScope(Scopes.Fraud);
        app.MapGet("/v1/alerts/{alertId:guid}", GetAlert)
            .WithName(nameof(GetAlert))
            .WithSummary("One alert.")
            .RequireScope(Scopes.Fraud);
        app.MapPost("/v1/alerts/{alertId:guid}/close", CloseAlert)
            .WithName(nameof(CloseAlert))
            .WithSummary("Closes an alert with a verdict, which becomes a label.")
            .RequireScope(Scopes.Fraud);
    }

    private static async Task<Results<Ok<Page<Alert>>, ValidationProblem>> GetAlerts(
        AlertStore alerts, CancellationToken cancellation, string? state = null, long after = 0, int limit = 50)
    {
        var problems = Page.Problems(after, limit);
        if (state is not null && !_states.Contains(state))
        {
            problems["state"] = [$"One of: {string.Join(", ", _states)}."];
        }

        if (problems.Count > 0)
        {
            return TypedResults.ValidationProblem(problems);
        }

        var found = await alerts.ListAsync(state, after, limit, cancellation);
        return TypedResults.Ok(new Page<Alert> { Items = found, Next = found.Count > 0 ? found[^1].Position : after });
    }

    private static async Task<Results<Ok<Alert>, ProblemHttpResult>> GetAlert(
        Guid alertId, AlertStore alerts, CancellationToken cancellation) =>
        await alerts.FindAsync(alertId, cancellation) is { } alert ? TypedResults.Ok(alert) : NoAlert();

    private static async Task<Results<Ok<Alert>, ValidationProblem, ProblemHttpResult>> CloseAlert(
        Guid alertId, CloseRequest request, AlertStore alerts, CancellationToken cancellation)
    {
        if (request.Fraud is not { } fraud)
        {
            return Problem("fraud", "Required: true if it was fraud, else false.");
        }

        if (request.Note is { Length: > LongestNote })
        {
            return Problem("note", $"At most {LongestNote} characters.");
        }

        var closed = await alerts.CloseAsync(alertId, fraud, request.Note, cancellation);
        return (await alerts.FindAsync(alertId, cancellation), closed) switch
        {
            (null, _) => NoAlert(),
            ({ } alert, true) => TypedResults.Ok(alert),
            ({ } alert, false) when alert.State == (fraud ? "confirmed" : "dismissed") => TypedResults.Ok(alert),
            ({ } alert, false) => TypedResults.Problem(
                title: "Closed already",
                detail: $"The alert was {alert.State} at {alert.ClosedAt:O}.",
                statusCode: StatusCodes.Status409Conflict),
        };
    }

    private static ValidationProblem Problem(string field, string problem) =>
        TypedResults.ValidationProblem(new Dictionary<string, string[]> { [field] = [problem] });

    private static ProblemHttpResult NoAlert() => TypedResults.Problem(
        title: "No such alert", statusCode: StatusCodes.Status404NotFound);
}

/// <summary>The verdict on an alert.</summary>
internal sealed record CloseRequest
{
    /// <summary>Whether it was fraud; required.</summary>
    public bool? Fraud { get; init; }

    public string? Note { get; init; }
}
