using System.Security.Claims;
using System.Text.RegularExpressions;
using Ecom.Recommendation.Experiments;
using Ecom.Recommendation.Settings;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Ecom.Recommendation.Endpoints;

/// <summary>Experiments: draft, start, look, stop.</summary>
internal static partial class ExperimentEndpoints
{
    private const int MostVersions = 100;

    public static void MapExperiments(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/experiments").RequireScope(Scopes.Ops);
        group.MapGet("", (ExperimentStore store, CancellationToken cancellation) => store.ReadAllAsync(cancellation))
            .WithName("GetExperiments")
            .WithSummary("All experiments, newest first.");
        group.MapPut("/{name}", PutExperiment)
            .WithName(nameof(PutExperiment))
            .WithSummary("Drafts an experiment, or changes a draft.");
        group.MapPost("/{name}/start", StartExperiment)
            .WithName(nameof(StartExperiment))
            .WithSummary("Starts a draft: every replica assigns its visitors within two seconds.");
        group.MapPost("/{name}/stop", StopExperiment)
            .WithName(nameof(StopExperiment))
            .WithSummary("Stops an experiment, with the arm that won or with none.");
        group.MapGet("/{name}/results", GetResults)
            .WithName("GetExperimentResults")
            .WithSummary("Conversion of each arm, differences with intervals that hold at every look, checks.");
        group.MapGet("/{name}/versions", (ChangeStore changes, string name, CancellationToken cancellation) =>
            changes.ListAsync("experiment", name, MostVersions, cancellation))
            .WithName("GetExperimentVersions")
            .WithSummary("Changes of an experiment, newest first.");
    }

    private static async Task<Results<Ok<Experiment>, ValidationProblem, ProblemHttpResult>> PutExperiment(
        ExperimentStore store,
        RuleStore rules,
        CurrentSettings settings,
        IOptions<RecommendationOptions> options,
        ClaimsPrincipal user,
        string name,
        ExperimentPlan plan,
        CancellationToken cancellation)
    {
        var errors = plan.Check(options.Value.LongestAnswer);
        if (!NameShape().IsMatch(name))
        {
            errors[nameof(name)] = ["1 to 60 lower-case letters, digits and hyphens, a letter first."];
        }

        if (settings.Now.Find(plan.Placement ?? string.Empty) is null)
        {
            errors["placement"] = [$"Unknown. One of: {settings.Now.PlacementNames()}."];
        }

        await CheckRulesAsync(plan, rules, errors, cancellation);
        if (errors.Count > 0)
        {
            return TypedResults.ValidationProblem(errors);
        }

        return await store.PutDraftAsync(name, plan, Refusals.NameOf(user), cancellation)
            ? TypedResults.Ok((await store.FindAsync(name, cancellation))!)
            : Refusals.Conflict(
                "It runs or ran already: its visitors would change arms. Draft one under another name.");
    }

    private static async Task CheckRulesAsync(
        ExperimentPlan plan, RuleStore rules, Dictionary<string, string[]> errors, CancellationToken cancellation)
    {
        var found = (await rules.ReadAsync([.. plan.NamedRules], cancellation)).ToDictionary(rule => rule.Number);
        foreach (var (arm, (index, number)) in plan.Arms.Index()
            .SelectMany(arm => (arm.Item.Rules ?? []).Index().Select(rule => (arm.Index, rule))))
        {
            if (!found.TryGetValue(number, out var rule) || rule.State == "retired")
            {
                errors[$"arms[{arm}].rules[{index}]"] = [$"There is no rule {number} that may hold."];
            }
            else if (rule.Plan.Placements is { Count: > 0 } && !rule.Plan.Placements.Contains(plan.Placement))
            {
                errors[$"arms[{arm}].rules[{index}]"] = [$"Rule {number} is for other placements."];
            }
        }
    }

    private static async Task<Results<Ok<Experiment>, ProblemHttpResult>> StartExperiment(
        ExperimentStore store, ClaimsPrincipal user, string name, CancellationToken cancellation)
    {
        try
        {
            return await store.StartAsync(name, Refusals.NameOf(user), cancellation)
                ? TypedResults.Ok((await store.FindAsync(name, cancellation))!)
                : await RefuseAsync(store, name, "Only a draft can be started.", cancellation);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return Refusals.Conflict("Another experiment runs on this placement: stop it first.");
        }
    }

    /// <param name="store">Where experiments are.</param>
    /// <param name="user">Who asks.</param>
    /// <param name="name">The experiment.</param>
    /// <param name="winner">Arm that won; none: undecided.</param>
    /// <param name="cancellation">The request.</param>
    private static async Task<Results<Ok<Experiment>, ValidationProblem, ProblemHttpResult>> StopExperiment(
        ExperimentStore store, ClaimsPrincipal user, string name, string? winner, CancellationToken cancellation)
    {
        var found = await store.FindAsync(name, cancellation);
        if (winner is not null && found is not null && found.Plan.Arms.All(arm => arm.Name != winner))
        {
            return TypedResults.ValidationProblem(new Dictionary<string, string[]>
            {
                [nameof(winner)] = [$"One of: {string.Join(", ", found.Plan.Arms.Select(arm => arm.Name))}."],
            });
        }

        return await store.StopAsync(name, winner, Refusals.NameOf(user), cancellation)
            ? TypedResults.Ok((await store.FindAsync(name, cancellation))!)
            : await RefuseAsync(store, name, "It does not run.", cancellation);
    }

    private static async Task<Results<Ok<ExperimentResults>, ProblemHttpResult>> GetResults(
        ExperimentStore store,
        ExposureStore exposures,
        TimeProvider clock,
        string name,
        CancellationToken cancellation) =>
        await store.FindAsync(name, cancellation) is { } found
            ? TypedResults.Ok(ExperimentResults.Of(
                found, await exposures.CountAsync(found, clock.GetUtcNow(), cancellation)))
            : Missing();

    private static async Task<ProblemHttpResult> RefuseAsync(
        ExperimentStore store, string name, string detail, CancellationToken cancellation) =>
        await store.FindAsync(name, cancellation) is null ? Missing() : Refusals.Conflict(detail);

    private static ProblemHttpResult Missing() => Refusals.Missing("experiment", "/v1/experiments");

    [GeneratedRegex("^[a-z][a-z0-9-]{0,59}$")]
    private static partial Regex NameShape();
}
