using System.Security.Claims;
using Ecom.Fraud.Payments;
using Ecom.Fraud.Rules;
using Ecom.Fraud.Storage;
using Ecom.Rules.Evaluation;
using Ecom.Rules.Syntax;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.Fraud.Endpoints;

/// <summary>Rules: draft, try, run in the shadow, activate, roll back, retire.</summary>
internal static class RuleEndpoints
{
    private const int LongestNote = 2_000;
    private const int MostChanges = 200;

    public static void MapRules(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/rules").RequireScope(Scopes.Fraud);
        group.MapGet("", GetRules)
            .WithName(nameof(GetRules))
            .WithSummary("The rules in force, and what rules can name.");
        group.MapPost("", PostRule)
            .WithName(nameof(PostRule))
            .WithSummary("Drafts the next version of a rule, or a new rule.");
        group.MapPost("/validate", ValidateRule)
            .WithName(nameof(ValidateRule))
            .WithSummary("What is wrong with a condition, with places; or its two forms and its cost.");
        group.MapPost("/explain", ExplainRule)
            .WithName(nameof(ExplainRule))
            .WithSummary("Which conditions hold for a payment that was decided, or for given values.");
        group.MapGet("/{code}/versions", GetRuleVersions)
            .WithName(nameof(GetRuleVersions))
            .WithSummary("Versions of a rule, newest first.");
        group.MapGet("/{code}/versions/{version:int}", GetRuleVersion)
            .WithName(nameof(GetRuleVersion))
            .WithSummary("One version, and what it did in the shadow.");
        group.MapGet("/{code}/changes", GetRuleChanges)
            .WithName(nameof(GetRuleChanges))
            .WithSummary("Who changed a rule and when, newest first.");
        group.MapPost("/{code}/versions/{version:int}/shadow", ShadowRule)
            .WithName(nameof(ShadowRule))
            .WithSummary("Judges by a version without effect; counts what it would have held for.");
        group.MapPost("/{code}/versions/{version:int}/activate", ActivateRule)
            .WithName(nameof(ActivateRule))
            .WithSummary("Puts a version in force, on every replica within two seconds. Not by its author.");
        group.MapPost("/{code}/versions/{version:int}/retire", RetireRule)
            .WithName(nameof(RetireRule))
            .WithSummary("Takes a version out.");
        group.MapPost("/{code}/rollback", RollBackRule)
            .WithName(nameof(RollBackRule))
            .WithSummary("Puts the version back in force that was active before.");
    }

    private static Ok<RulesResponse> GetRules(CurrentRules rules)
    {
        var now = rules.Now;
        return TypedResults.Ok(new RulesResponse
        {
            Version = now.Active.Version,
            ReviewAt = now.Active.ReviewAt,
            BlockAt = now.Active.BlockAt,
            Rules = now.Active.Rules,
            Shadow = [.. now.Shadows.Select(shadow => shadow.Name)],
            Features =
            [
                .. RuleSchema.Language.Schema.Features.Select(
                    feature => new FeatureResponse(feature.Name, feature.Type)),
            ],
        });
    }

    private static async Task<Results<Created<StoredRule>, ValidationProblem>> PostRule(
        DraftRequest request, RuleStore store, ClaimsPrincipal user, CancellationToken cancellation)
    {
        var condition = CompiledCondition.Of(request.When, request.Expression);
        var definition = new RuleDefinition
        {
            When = condition.When,
            Weight = request.Weight,
            Action = request.Action,
            Text = request.Text ?? "",
        };
        var problems = definition.Problems(out _);
        if (condition.Diagnostics.Count > 0)
        {
            problems["when"] = [.. condition.Diagnostics.Select(diagnostic => diagnostic.ToString())];
        }

        if (!RuleCode.IsRight(request.Code))
        {
            problems["code"] = [RuleCode.Wanted];
        }

        if (request.Note is { Length: > LongestNote })
        {
            problems["note"] = [$"At most {LongestNote} characters."];
        }

        if (problems.Count > 0)
        {
            return TypedResults.ValidationProblem(
                problems, extensions: [new("diagnostics", condition.Diagnostics)]);
        }

        var draft = await store.DraftAsync(
            request.Code!, definition, request.Note, Refusals.NameOf(user), cancellation);
        return TypedResults.Created($"/v1/rules/{draft.Code}/versions/{draft.Version}", draft);
    }

    private static Ok<ValidationResponse> ValidateRule(ConditionRequest request) =>
        TypedResults.Ok(ValidationResponse.Of(CompiledCondition.Of(request.When, request.Expression)));

    private static async Task<Results<Ok<Explanation>, ValidationProblem, ProblemHttpResult>> ExplainRule(
        ExplainRequest request, RuleStore store, DecisionStore decisions, CancellationToken cancellation)
    {
        var condition = CompiledCondition.Of(request.When, request.Expression);
        if (request.Code is { } code)
        {
            if (await store.FindAsync(code, request.Version ?? 0, cancellation) is not { } rule)
            {
                return Missing();
            }

            condition = CompiledCondition.Of(rule.When);
        }

        if (condition.Rule is null)
        {
            return TypedResults.ValidationProblem(
                new Dictionary<string, string[]>
                {
                    ["when"] = [.. condition.Diagnostics.Select(diagnostic => diagnostic.ToString())],
                },
                extensions: [new("diagnostics", condition.Diagnostics)]);
        }

        var facts = request.PaymentId is { } payment
            ? (await decisions.FindAsync(payment, cancellation))?.Facts
            : request.GivenFacts;
        return facts is null
            ? Refusals.Field("paymentId", "No decision on the payment is stored.")
            : TypedResults.Ok(Explain(condition.Rule, facts));
    }

    // Apart, since views of memory cannot live in asynchronous methods.
    private static Explanation Explain(CompiledRule rule, PaymentFacts facts) =>
        rule.Explain(RuleSchema.SlotsOf(facts).View);

    private static async Task<Results<Ok<IReadOnlyList<StoredRule>>, ProblemHttpResult>> GetRuleVersions(
        string code, RuleStore store, CancellationToken cancellation)
    {
        var versions = await store.ListVersionsAsync(code, cancellation);
        return versions.Count > 0 ? TypedResults.Ok(versions) : Missing();
    }

    private static async Task<Results<Ok<RuleVersionResponse>, ProblemHttpResult>> GetRuleVersion(
        string code, int version, RuleStore store, ShadowStore shadows, CancellationToken cancellation)
    {
        if (await store.FindAsync(code, version, cancellation) is not { } rule)
        {
            return Missing();
        }

        var condition = CompiledCondition.Of(rule.When);
        return TypedResults.Ok(new RuleVersionResponse
        {
            Rule = rule,
            Expression = condition.Rule is { } read ? ExpressionJson.ToElement(read.Expression) : null,
            Shadow = await shadows.CountAsync(rule, cancellation),
        });
    }

    private static Task<IReadOnlyList<RuleChange>> GetRuleChanges(
        string code, RuleChanges changes, CancellationToken cancellation) =>
        changes.ListAsync("rule", code, MostChanges, cancellation);

    private static async Task<Results<Ok<StoredRule>, ProblemHttpResult>> ShadowRule(
        string code, int version, RuleStore store, ClaimsPrincipal user, CancellationToken cancellation) =>
        Answer(await store.MoveAsync(code, version, Refusals.NameOf(user), RuleLife.Shadow, cancellation));

    private static async Task<Results<Ok<StoredRule>, ProblemHttpResult>> ActivateRule(
        string code,
        int version,
        RuleStore store,
        ApiKeys keys,
        ClaimsPrincipal user,
        CancellationToken cancellation)
    {
        var approver = Refusals.NameOf(user);
        var isAlone = keys.CountClients(Scopes.Fraud) <= 1;
        return Answer(await store.MoveAsync(
            code, version, approver,
            (versions, rule, now) => RuleLife.Activate(versions, rule, approver, isAlone, now), cancellation));
    }

    private static async Task<Results<Ok<StoredRule>, ProblemHttpResult>> RetireRule(
        string code, int version, RuleStore store, ClaimsPrincipal user, CancellationToken cancellation)
    {
        var by = Refusals.NameOf(user);
        return Answer(await store.MoveAsync(
            code, version, by, (_, rule, now) => RuleLife.Retire(rule, by, now), cancellation));
    }

    private static async Task<Results<Ok<StoredRule>, ProblemHttpResult>> RollBackRule(
        string code, RuleStore store, ClaimsPrincipal user, CancellationToken cancellation)
    {
        var by = Refusals.NameOf(user);
        return Answer(await store.MoveAsync(
            code, null, by, (versions, active, now) => RuleLife.RollBack(versions, active, by, now), cancellation));
    }

    private static Results<Ok<StoredRule>, ProblemHttpResult> Answer(ChangeResult<StoredRule> result) => result switch
    {
        { Changed: { } rule } => TypedResults.Ok(rule),
        { Refusal: { } refusal } => Refusals.Conflict(refusal),
        _ => Missing(),
    };

    private static ProblemHttpResult Missing() => Refusals.Missing("rule or version", "/v1/rules");
}
