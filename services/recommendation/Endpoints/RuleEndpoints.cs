using System.Security.Claims;
using Ecom.Recommendation.Lists;
using Ecom.Recommendation.Rules;
using Ecom.Recommendation.Settings;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.Recommendation.Endpoints;

/// <summary>Business rules: draft, try on the last week's answers, activate, retire.</summary>
internal static class RuleEndpoints
{
    private const int MostRules = 500;
    private const int MostSamples = 5_000;

    public static void MapRules(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/rules").RequireScope(Scopes.Ops);
        group.MapGet("", (RuleStore store, CancellationToken cancellation) =>
            store.ReadAllAsync(MostRules, cancellation))
            .WithName("GetRules")
            .WithSummary("Rules, newest first, with their state.");
        group.MapPost("", PostRule)
            .WithName(nameof(PostRule))
            .WithSummary("Drafts a rule.");
        group.MapPut("/{number:long}", PutRule)
            .WithName(nameof(PutRule))
            .WithSummary("Changes a draft.");
        group.MapPost("/{number:long}/simulate", SimulateRule)
            .WithName(nameof(SimulateRule))
            .WithSummary("What the rule would have changed in the last week's answers; changes nothing.");
        group.MapPost("/{number:long}/activate", ActivateRule)
            .WithName(nameof(ActivateRule))
            .WithSummary("Activates a draft: every replica follows within two seconds.");
        group.MapPost("/{number:long}/retire", RetireRule)
            .WithName(nameof(RetireRule))
            .WithSummary("Takes an active rule out.");
        group.MapGet("/{number:long}/versions", (ChangeStore changes, long number, CancellationToken cancellation) =>
            changes.ListAsync(
                "rule", number.ToString(System.Globalization.CultureInfo.InvariantCulture), 100, cancellation))
            .WithName("GetRuleVersions")
            .WithSummary("Changes of a rule, newest first.");
    }

    private static async Task<Results<Created<Rule>, ValidationProblem>> PostRule(
        RuleStore store,
        CurrentSettings settings,
        TimeProvider clock,
        ClaimsPrincipal user,
        RulePlan plan,
        CancellationToken cancellation)
    {
        if (plan.Check(clock.GetUtcNow(), settings.Now.Placements.Keys) is { Count: > 0 } errors)
        {
            return TypedResults.ValidationProblem(errors);
        }

        var rule = await store.AddAsync(plan, Refusals.NameOf(user), cancellation);
        return TypedResults.Created($"/v1/rules/{rule.Number}", rule);
    }

    private static async Task<Results<Ok<Rule>, ValidationProblem, ProblemHttpResult>> PutRule(
        RuleStore store,
        ExperimentStore experiments,
        CurrentSettings settings,
        TimeProvider clock,
        ClaimsPrincipal user,
        long number,
        RulePlan plan,
        CancellationToken cancellation)
    {
        if (plan.Check(clock.GetUtcNow(), settings.Now.Placements.Keys) is { Count: > 0 } errors)
        {
            return TypedResults.ValidationProblem(errors);
        }

        if (await store.PutAsync(number, plan, Refusals.NameOf(user), cancellation) is { } rule)
        {
            return TypedResults.Ok(rule);
        }

        var running = await experiments.ReadRunningAsync(cancellation);
        return await RefuseAsync(
            store,
            number,
            running.FirstOrDefault(experiment => experiment.Plan.NamedRules.Contains(number)) is { } trying
                ? $"The experiment {trying.Name} tries it: its arms would change under it. Stop it, or draft another."
                : "Only a draft can be changed: retire this one, draft another.",
            cancellation);
    }

    private static async Task<Results<Ok<RuleSimulation>, ProblemHttpResult>> SimulateRule(
        RuleStore store,
        SampleStore samples,
        Catalogue catalogue,
        TimeProvider clock,
        long number,
        CancellationToken cancellation)
    {
        if (await store.FindAsync(number, cancellation) is not { } rule)
        {
            return Missing();
        }

        var now = clock.GetUtcNow();
        var answers = await samples.ReadAsync(
            [.. rule.Plan.Placements], now - SampleStore.Kept, MostSamples, cancellation);
        var active = await store.ReadActiveAsync(cancellation);
        return TypedResults.Ok(RuleSimulation.Of(rule, active, answers, catalogue, now));
    }

    private static async Task<Results<Ok<Rule>, ProblemHttpResult>> ActivateRule(
        RuleStore store, TimeProvider clock, ClaimsPrincipal user, long number, CancellationToken cancellation)
    {
        if (await store.FindAsync(number, cancellation) is { } draft && draft.Plan.ExpiresAt <= clock.GetUtcNow())
        {
            return Refusals.Conflict("It has expired: change its expiresAt first.");
        }

        var active = (await store.ReadActiveAsync(cancellation)).Count(rule => rule.HoldsAt(clock.GetUtcNow()));
        if (active >= RuleSet.MostRules)
        {
            return Refusals.Conflict(
                $"{active} rules are active, which is the most: retire one that is no longer needed.");
        }

        return await store.MoveAsync(
            number, "draft", "active", "activated", Refusals.NameOf(user), cancellation) is { } rule
            ? TypedResults.Ok(rule)
            : await RefuseAsync(store, number, "Only a draft can be activated.", cancellation);
    }

    private static async Task<Results<Ok<Rule>, ProblemHttpResult>> RetireRule(
        RuleStore store, ClaimsPrincipal user, long number, CancellationToken cancellation) =>
        await store.MoveAsync(
            number, "active", "retired", "retired", Refusals.NameOf(user), cancellation) is { } rule
            ? TypedResults.Ok(rule)
            : await RefuseAsync(store, number, "Only an active rule can be retired.", cancellation);

    private static async Task<ProblemHttpResult> RefuseAsync(
        RuleStore store, long number, string detail, CancellationToken cancellation) =>
        await store.FindAsync(number, cancellation) is null ? Missing() : Refusals.Conflict(detail);

    private static ProblemHttpResult Missing() => Refusals.Missing("rule", "/v1/rules");
}
