using Ecom.Contracts.Fraud;
using Ecom.Fraud.Alerts;
using Ecom.Fraud.Cases;
using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;
using Changed = Microsoft.AspNetCore.Http.HttpResults.Results<
    Microsoft.AspNetCore.Http.HttpResults.Ok<Ecom.Fraud.Cases.Case>,
    Microsoft.AspNetCore.Http.HttpResults.ValidationProblem,
    Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult>;

namespace Ecom.Fraud.Endpoints;

/// <summary>Cases, and what a team does with them.</summary>
internal static class CaseEndpoints
{
    private const string What = "case";
    private const int MostAtOnce = 100;

    public static void MapCases(this IEndpointRouteBuilder app)
    {
        var cases = app.MapGroup("/v1/cases").RequireScope(Scopes.Fraud);
        cases.MapGet("", GetCases)
            .WithName(nameof(GetCases))
            .WithSummary("Cases in the order of opening; go on with after=next.");
        cases.MapPost("", OpenCase)
            .WithName(nameof(OpenCase))
            .WithSummary("Opens a case by hand; alerts of its customer or device join it.");
        cases.MapGet("/{caseId:guid}", GetCase).WithName(nameof(GetCase)).WithSummary("One case.");
        cases.MapGet("/{caseId:guid}/notes", GetCaseNotes)
            .WithName(nameof(GetCaseNotes))
            .WithSummary("What was written on a case, oldest first; go on with after=next.");
        cases.MapGet("/{caseId:guid}/events", GetCaseEvents)
            .WithName(nameof(GetCaseEvents))
            .WithSummary("Who did what with a case, oldest first; go on with after=next.");
        Map(cases, "notes", CaseAction.Note, "NoteCase", "Writes on a case.");
        Map(cases, "investigate", CaseAction.Investigate, "InvestigateCase", "Somebody works on it now.");
        Map(cases, "close", CaseAction.Close, "CloseCase",
            "Closes a case and its open alerts with an outcome; a verdict becomes a label of each payment.");
        Map(cases, "reopen", CaseAction.Reopen, "ReopenCase",
            "Reopens a case, with the alerts that were closed with it, for a reason.");
        Map(cases, "assign", CaseAction.Assign, "AssignCase", "Gives a case to somebody, or to nobody.");
        Map(cases, "lock", CaseAction.Lock, "LockCase", "Keeps others from changing it until the lock runs out.");
        Map(cases, "unlock", CaseAction.Unlock, "UnlockCase", "Gives the lock back.");
        Map(cases, "snooze", CaseAction.Snooze, "SnoozeCase",
            "Puts a case off until then, or until it becomes more severe.");
        cases.MapPost("/{caseId:guid}/merge", MergeCases)
            .WithName(nameof(MergeCases))
            .WithSummary("Puts the alerts and notes of other cases into this one.");
        cases.MapPost("/bulk", ChangeCases)
            .WithName(nameof(ChangeCases))
            .WithSummary("The same for up to 100 cases, each with a result of its own.");
    }

    private static void Map(RouteGroupBuilder cases, string path, string action, string name, string summary) =>
        cases.MapPost(
            $"/{{caseId:guid}}/{path}",
            (
                Guid caseId, CaseRequest? body, CaseStore store, TimeProvider clock, HttpContext http,
                CancellationToken cancellation) =>
                ApplyAsync(caseId, action, body ?? new CaseRequest(), store, clock, http, cancellation))
            .WithName(name)
            .WithSummary(summary);

    private static async Task<Results<Ok<Page<Case>>, ValidationProblem>> GetCases(
        CaseStore cases,
        CancellationToken cancellation,
        string? state = null,
        string? severity = null,
        string? assignee = null,
        string? customer = null,
        string? device = null,
        bool? snoozed = null,
        bool? overdue = null,
        long after = 0,
        int limit = 50)
    {
        var problems = Page.Problems(after, limit);
        if (state is not null && !CaseState.All.Contains(state))
        {
            problems[nameof(state)] = [$"One of: {string.Join(", ", CaseState.All)}."];
        }

        var filter = new CaseFilter
        {
            State = state,
            Severity = Page.Parse<FraudSeverity>(severity, nameof(severity), problems),
            Assignee = assignee,
            Customer = customer,
            Device = device,
            Snoozed = snoozed,
            Overdue = overdue,
        };
        if (problems.Count > 0)
        {
            return TypedResults.ValidationProblem(problems);
        }

        var found = await cases.ListAsync(filter, after, limit, cancellation);
        return TypedResults.Ok(new Page<Case> { Items = found, Next = found.Count > 0 ? found[^1].Position : after });
    }

    private static async Task<Results<Created<Case>, Ok<Case>, ValidationProblem>> OpenCase(
        OpenCaseRequest body, CaseStore cases, HttpContext http, CancellationToken cancellation)
    {
        if (body.Problems() is { Count: > 0 } problems)
        {
            return TypedResults.ValidationProblem(problems);
        }

        var opening = new CaseOpening
        {
            CaseId = body.CaseId ?? Guid.NewGuid(),
            CustomerId = body.CustomerId,
            DeviceId = body.DeviceId,
            Assignee = body.Assignee,
            Note = body.Note!,
        };
        var (opened, isNew) = await cases.OpenAsync(opening, http.User.Identity!.Name!, cancellation);
        http.Response.Headers.ETag = $"\"{opened.Version}\"";
        return isNew
            ? TypedResults.Created($"/v1/cases/{opened.CaseId}", opened)
            : TypedResults.Ok(opened);
    }

    private static async Task<Results<Ok<Case>, ProblemHttpResult>> GetCase(
        Guid caseId, CaseStore cases, HttpResponse response, CancellationToken cancellation)
    {
        if (await cases.FindAsync(caseId, cancellation) is not { } found)
        {
            return ChangeAnswers.NotFound(What);
        }

        response.Headers.ETag = $"\"{found.Version}\"";
        return TypedResults.Ok(found);
    }

    private static async Task<Results<Ok<Page<CaseNote>>, ValidationProblem, ProblemHttpResult>> GetCaseNotes(
        Guid caseId, CaseStore cases, CancellationToken cancellation, long after = 0, int limit = 100)
    {
        if (Page.Problems(after, limit) is { Count: > 0 } problems)
        {
            return TypedResults.ValidationProblem(problems);
        }

        var found = await cases.ListNotesAsync(caseId, after, limit, cancellation);
        return found.Count == 0 && await cases.FindAsync(caseId, cancellation) is null
            ? ChangeAnswers.NotFound(What)
            : TypedResults.Ok(new Page<CaseNote>
            {
                Items = found,
                Next = found.Count > 0 ? found[^1].Position : after,
            });
    }

    private static async Task<Results<Ok<Page<EventResponse>>, ValidationProblem, ProblemHttpResult>> GetCaseEvents(
        Guid caseId,
        CaseStore cases,
        EventLog events,
        CancellationToken cancellation,
        long after = 0,
        int limit = 100)
    {
        if (Page.Problems(after, limit) is { Count: > 0 } problems)
        {
            return TypedResults.ValidationProblem(problems);
        }

        return await cases.FindAsync(caseId, cancellation) is null
            ? ChangeAnswers.NotFound(What)
            : TypedResults.Ok(EventResponse.PageOf(
                await events.ListOfCaseAsync(caseId, after, limit, cancellation), after));
    }

    private static async Task<Changed> ApplyAsync(
        Guid caseId,
        string action,
        CaseRequest body,
        CaseStore cases,
        TimeProvider clock,
        HttpContext http,
        CancellationToken cancellation)
    {
        var (command, problems) = body.ToCommand(action, clock.GetUtcNow());
        if (command is null)
        {
            return TypedResults.ValidationProblem(problems);
        }

        if (Expected.Of(http.Request, body.Version) is not { } expected)
        {
            return ChangeAnswers.InvalidVersion();
        }

        var change = await cases.ApplyAsync(caseId, command, expected, http.User.Identity!.Name!, cancellation);
        return change.Answer(expected, one => one.Version, What, http.Response);
    }

    private static async Task<Changed> MergeCases(
        Guid caseId, MergeRequest body, CaseStore cases, HttpContext http, CancellationToken cancellation)
    {
        if (body.Cases is not { Count: >= 1 and <= MostAtOnce } others
            || others.Contains(caseId) || others.Distinct().Count() != others.Count)
        {
            return ChangeAnswers.Invalid(
                "cases", $"Required: 1 to {MostAtOnce} different cases, without the one that they go into.");
        }

        if (Expected.Of(http.Request, body.Version) is not { } expected)
        {
            return ChangeAnswers.InvalidVersion();
        }

        var change = await cases.MergeAsync(caseId, others, expected, http.User.Identity!.Name!, cancellation);
        return change.Answer(expected, one => one.Version, What, http.Response);
    }

    private static async Task<Results<Ok<IReadOnlyList<BulkItem>>, ValidationProblem>> ChangeCases(
        BulkRequest body, CaseStore cases, TimeProvider clock, HttpContext http, CancellationToken cancellation)
    {
        if (body.Action is null || !CaseAction.Bulk.Contains(body.Action))
        {
            return ChangeAnswers.Invalid("action", $"Required: one of {string.Join(", ", CaseAction.Bulk)}.");
        }

        if (body.Cases is not { Count: >= 1 and <= MostAtOnce } wanted || wanted.Contains(null))
        {
            return ChangeAnswers.Invalid("cases", $"Required: 1 to {MostAtOnce} cases, none of them null.");
        }

        var (command, problems) = (body.With ?? new CaseRequest()).ToCommand(body.Action, clock.GetUtcNow());
        if (command is null)
        {
            return TypedResults.ValidationProblem(
                problems.ToDictionary(pair => $"with.{pair.Key}", pair => pair.Value));
        }

        var items = new List<BulkItem>();
        foreach (var one in wanted.OfType<BulkCase>())
        {
            var change = await cases.ApplyAsync(
                one.CaseId, command, new Expected(one.Version, false), http.User.Identity!.Name!, cancellation);
            items.Add(new BulkItem
            {
                CaseId = one.CaseId,
                Result = change.Result,
                Why = change.Why,
                Current = change.Current,
            });
        }

        return TypedResults.Ok<IReadOnlyList<BulkItem>>(items);
    }
}
