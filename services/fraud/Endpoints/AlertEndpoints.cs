using Ecom.Contracts.Fraud;
using Ecom.Fraud.Alerts;
using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;
using Changed = Microsoft.AspNetCore.Http.HttpResults.Results<
    Microsoft.AspNetCore.Http.HttpResults.Ok<Ecom.Fraud.Alerts.Alert>,
    Microsoft.AspNetCore.Http.HttpResults.ValidationProblem,
    Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult>;

namespace Ecom.Fraud.Endpoints;

/// <summary>What the fraud team works on.</summary>
internal static class AlertEndpoints
{
    private const string What = "alert";
    private const int LongestNote = 2_000;
    private const int LongestName = 100;

    public static void MapAlerts(this IEndpointRouteBuilder app)
    {
        var alerts = app.MapGroup("/v1/alerts").RequireScope(Scopes.Fraud);
        alerts.MapGet("", GetAlerts)
            .WithName(nameof(GetAlerts))
            .WithSummary("Alerts in the order of raising; go on with after=next.");
        alerts.MapGet("/{alertId:guid}", GetAlert).WithName(nameof(GetAlert)).WithSummary("One alert.");
        alerts.MapGet("/{alertId:guid}/payments", GetAlertPayments)
            .WithName(nameof(GetAlertPayments))
            .WithSummary("Payments of an alert by id; go on with after=next.");
        alerts.MapGet("/{alertId:guid}/events", GetAlertEvents)
            .WithName(nameof(GetAlertEvents))
            .WithSummary("What happened to an alert, by whom, oldest first; go on with after=next.");
        alerts.MapPost("/{alertId:guid}/ack", AcknowledgeAlert)
            .WithName(nameof(AcknowledgeAlert))
            .WithSummary("Notes that somebody has seen the alert.");
        alerts.MapPost("/{alertId:guid}/assign", AssignAlert)
            .WithName(nameof(AssignAlert))
            .WithSummary("Gives the alert to somebody, or to nobody.");
        alerts.MapPost("/{alertId:guid}/resolve", ResolveAlert)
            .WithName(nameof(ResolveAlert))
            .WithSummary("Closes an alert with an outcome; a verdict becomes a label of each of its payments.");
        alerts.MapPost("/{alertId:guid}/close", CloseAlert)
            .WithName(nameof(CloseAlert))
            .WithSummary("Closes an alert with a verdict: resolve with confirmed_fraud or false_positive.");
    }

    private static async Task<Results<Ok<Page<Alert>>, ValidationProblem>> GetAlerts(
        AlertStore alerts,
        CancellationToken cancellation,
        string? state = null,
        string? severity = null,
        string? decision = null,
        string? customer = null,
        string? device = null,
        string? reason = null,
        string? assignee = null,
        Guid? @case = null,
        DateTimeOffset? since = null,
        DateTimeOffset? until = null,
        long after = 0,
        int limit = 50)
    {
        var problems = Page.Problems(after, limit);
        if (state is not null && !AlertState.All.Contains(state))
        {
            problems[nameof(state)] = [$"One of: {string.Join(", ", AlertState.All)}."];
        }

        var filter = new AlertFilter
        {
            State = state,
            Severity = Page.Parse<FraudSeverity>(severity, nameof(severity), problems),
            Decision = Page.Parse<FraudDecision>(decision, nameof(decision), problems),
            Customer = customer,
            Device = device,
            Reason = reason,
            Assignee = assignee,
            CaseId = @case,
            Since = since,
            Until = until,
        };
        if (problems.Count > 0)
        {
            return TypedResults.ValidationProblem(problems);
        }

        var found = await alerts.ListAsync(filter, after, limit, cancellation);
        return TypedResults.Ok(new Page<Alert> { Items = found, Next = found.Count > 0 ? found[^1].Position : after });
    }

    private static async Task<Results<Ok<Alert>, ProblemHttpResult>> GetAlert(
        Guid alertId, AlertStore alerts, HttpResponse response, CancellationToken cancellation)
    {
        if (await alerts.FindAsync(alertId, cancellation) is not { } alert)
        {
            return ChangeAnswers.NotFound(What);
        }

        response.Headers.ETag = $"\"{alert.Version}\"";
        return TypedResults.Ok(alert);
    }

    private static async Task<Results<Ok<PaymentPage>, ValidationProblem, ProblemHttpResult>> GetAlertPayments(
        Guid alertId, AlertStore alerts, CancellationToken cancellation, string after = "", int limit = 100)
    {
        if (Page.Problems(0, limit) is { Count: > 0 } problems)
        {
            return TypedResults.ValidationProblem(problems);
        }

        var found = await alerts.ListPaymentsAsync(alertId, after, limit, cancellation);
        return found.Count == 0 && await alerts.FindAsync(alertId, cancellation) is null
            ? ChangeAnswers.NotFound(What)
            : TypedResults.Ok(new PaymentPage { Items = found, Next = found.Count > 0 ? found[^1].PaymentId : after });
    }

    private static async Task<Results<Ok<Page<EventResponse>>, ValidationProblem, ProblemHttpResult>> GetAlertEvents(
        Guid alertId,
        AlertStore alerts,
        EventLog events,
        CancellationToken cancellation,
        long after = 0,
        int limit = 100)
    {
        if (Page.Problems(after, limit) is { Count: > 0 } problems)
        {
            return TypedResults.ValidationProblem(problems);
        }

        if (await alerts.FindAsync(alertId, cancellation) is null)
        {
            return ChangeAnswers.NotFound(What);
        }

        var found = await events.ListOfAlertAsync(alertId, after, limit, cancellation);
        return TypedResults.Ok(EventResponse.PageOf(found, after));
    }

    private static async Task<Changed> AcknowledgeAlert(
        Guid alertId, AcknowledgeRequest? body, AlertStore alerts, HttpContext http, CancellationToken cancellation)
    {
        if (Expected.Of(http.Request, body?.Version) is not { } expected)
        {
            return ChangeAnswers.InvalidVersion();
        }

        var change = await alerts.AcknowledgeAsync(alertId, expected, Who(http), cancellation);
        return change.Answer(expected, alert => alert.Version, What, http.Response);
    }

    private static async Task<Changed> AssignAlert(
        Guid alertId, AssignRequest body, AlertStore alerts, HttpContext http, CancellationToken cancellation)
    {
        if (body.Assignee is { Length: 0 or > LongestName })
        {
            return ChangeAnswers.Invalid("assignee", $"1 to {LongestName} characters, or null for nobody.");
        }

        if (Expected.Of(http.Request, body.Version) is not { } expected)
        {
            return ChangeAnswers.InvalidVersion();
        }

        var change = await alerts.AssignAsync(alertId, body.Assignee, expected, Who(http), cancellation);
        return change.Answer(expected, alert => alert.Version, What, http.Response);
    }

    private static Task<Changed> ResolveAlert(
        Guid alertId, ResolveRequest body, AlertStore alerts, HttpContext http, CancellationToken cancellation) =>
        body.Outcome is { } outcome && Outcome.All.Contains(outcome)
            ? ResolveAsync(alertId, outcome, body.Note, body.Version, alerts, http, cancellation)
            : Invalid("outcome", $"Required: one of {string.Join(", ", Outcome.All)}.");

    private static Task<Changed> CloseAlert(
        Guid alertId, CloseRequest body, AlertStore alerts, HttpContext http, CancellationToken cancellation) =>
        body.Fraud is { } fraud
            ? ResolveAsync(
                alertId,
                fraud ? Outcome.ConfirmedFraud : Outcome.FalsePositive,
                body.Note,
                null,
                alerts,
                http,
                cancellation)
            : Invalid("fraud", "Required: true if it was fraud, else false.");

    private static async Task<Changed> ResolveAsync(
        Guid alertId,
        string outcome,
        string? note,
        int? version,
        AlertStore alerts,
        HttpContext http,
        CancellationToken cancellation)
    {
        if (note is { Length: > LongestNote })
        {
            return ChangeAnswers.Invalid("note", $"At most {LongestNote} characters.");
        }

        if (Expected.Of(http.Request, version) is not { } expected)
        {
            return ChangeAnswers.InvalidVersion();
        }

        var change = await alerts.ResolveAsync(alertId, outcome, note, expected, Who(http), cancellation);
        return change.Answer(expected, alert => alert.Version, What, http.Response);
    }

    private static Task<Changed> Invalid(string field, string problem) =>
        Task.FromResult<Changed>(ChangeAnswers.Invalid(field, problem));

    private static string Who(HttpContext http) => http.User.Identity!.Name!;
}
