using System.Diagnostics;
using System.Globalization;
using System.Security.Claims;
using System.Text.Json;
using Ecom.ServiceDefaults.Keys;
using Ecom.Training.Storage;
using Ecom.Training.Trainers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.Training.Endpoints;

/// <summary>Starts, lists and cancels runs.</summary>
internal static class RunEndpoints
{
    private const int MaximumLimit = 500;
    private const int MaximumReason = 1_000;

    public static void MapRuns(this IEndpointRouteBuilder app)
    {
        var runs = app.MapGroup("/v1/runs").WithTags("Runs");
        runs.MapPost("/", StartAsync).RequireScope(Scopes.Ops)
            .WithName("StartRun")
            .WithSummary("Queues a run. With a runId that is known already nothing is started.");
        runs.MapGet("/", ListAsync).RequireScope(Scopes.Read, Scopes.Ops)
            .WithName("ListRuns")
            .WithSummary("Runs, newest first.");
        runs.MapGet("/{id:guid}", GetAsync).RequireScope(Scopes.Read, Scopes.Ops)
            .WithName("GetRun")
            .WithSummary("A run: state, progress, log, data set, error.");
        runs.MapPost("/{id:guid}/cancel", CancelAsync).RequireScope(Scopes.Ops)
            .WithName("CancelRun")
            .WithSummary("Cancels a queued run at once; a running one is killed within seconds.");
    }

    private static async Task<Results<Accepted<RunResponse>, Ok<RunResponse>, ValidationProblem>> StartAsync(
        StartRunRequest request, RunStore runs, ClaimsPrincipal user, CancellationToken cancellation)
    {
        var trainer = TrainerCatalogue.Find(request.Trainer ?? string.Empty);
        if (trainer is null)
        {
            return Invalid("trainer", $"There is no trainer '{request.Trainer}'. Known: {TrainerCatalogue.Names}.");
        }

        if (request.Reason is { Length: > MaximumReason })
        {
            return Invalid("reason", $"At most {MaximumReason} characters.");
        }

        string options;
        try
        {
            options = trainer.ReadOptions(request.Options).ToJson();
        }
        catch (TrainerOptionsException error)
        {
            return TypedResults.ValidationProblem(
                error.Errors.ToDictionary(pair => $"options.{pair.Key}", pair => pair.Value));
        }

        var run = new NewRun
        {
            RunId = request.RunId ?? Guid.NewGuid(),
            Trainer = trainer.Name,
            Model = trainer.Model,
            Reason = string.IsNullOrWhiteSpace(request.Reason) ? "manual" : request.Reason,
            RequestedBy = user.Identity?.Name ?? "unknown",
            Options = options,
            TraceParent = Activity.Current?.Id,
        };
        var isNew = await runs.QueueAsync(run, cancellation);
        var response = RunResponse.Of((await runs.FindAsync(run.RunId, cancellation))!);
        return isNew ? TypedResults.Accepted($"/v1/runs/{run.RunId}", response) : TypedResults.Ok(response);
    }

    private static async Task<Results<Ok<RunPage>, ValidationProblem>> ListAsync(
        RunStore runs,
        CancellationToken cancellation,
        string? state = null,
        string? trainer = null,
        int limit = 50,
        string? cursor = null)
    {
        if (state is not null && !RunState.All.Contains(state))
        {
            return Invalid("state", $"Must be one of {string.Join(", ", RunState.All)}.");
        }

        if (limit is < 1 or > MaximumLimit)
        {
            return Invalid("limit", $"Must be between 1 and {MaximumLimit}.");
        }

        long position = 0;
        if (cursor is not null
            && !long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out position))
        {
            return Invalid("cursor", "Must be the next of an earlier answer.");
        }

        var rows = await runs.ListAsync(
            state, trainer, cursor is null ? null : position, limit, cancellation);
        return TypedResults.Ok(new RunPage
        {
            Runs = [.. rows.Select(RunResponse.Of)],
            Next = rows.Count == limit ? rows[^1].Position.ToString(CultureInfo.InvariantCulture) : null,
        });
    }

    private static async Task<Results<Ok<RunResponse>, ProblemHttpResult>> GetAsync(
        Guid id, RunStore runs, CancellationToken cancellation) =>
        await runs.FindAsync(id, cancellation) is { } run ? TypedResults.Ok(RunResponse.Of(run)) : Unknown(id);

    private static async Task<Results<Ok<RunResponse>, ProblemHttpResult>> CancelAsync(
        Guid id, RunStore runs, CancellationToken cancellation)
    {
        if (await runs.CancelAsync(id, cancellation) is not { } run)
        {
            return Unknown(id);
        }

        return run.CancelRequested
            ? TypedResults.Ok(RunResponse.Of(run))
            : TypedResults.Problem(
                title: "The run has ended",
                detail: $"It is {run.State}; there is nothing to cancel.",
                statusCode: StatusCodes.Status409Conflict);
    }

    private static ValidationProblem Invalid(string field, string error) =>
        TypedResults.ValidationProblem(new Dictionary<string, string[]> { [field] = [error] });

    private static ProblemHttpResult Unknown(Guid id) => TypedResults.Problem(
        title: "No such run",
        detail: $"There is no run {id}. GET /v1/runs lists them.",
        statusCode: StatusCodes.Status404NotFound);
}

/// <summary>What to train.</summary>
internal sealed record StartRunRequest
{
    /// <summary>Name of the trainer.</summary>
    public string? Trainer { get; init; }

    /// <summary>Options that differ from the trainer's defaults.</summary>
    public JsonElement? Options { get; init; }

    /// <summary>Why; default "manual".</summary>
    public string? Reason { get; init; }

    /// <summary>Id to give the run, so that a repeated request starts nothing twice.</summary>
    public Guid? RunId { get; init; }
}
