using Ecom.Fraud.Payments;
using Ecom.Fraud.Rules;
using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Keys;
using Ecom.ServiceDefaults.Privacy;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace Ecom.Fraud.Endpoints;

/// <summary>What storefronts ask before they take a payment, and what decided.</summary>
internal static class DecisionEndpoints
{
    private const int LargestBody = 64 * 1024;

    public static void MapDecisions(this IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/assess", Assess)
            .WithName(nameof(Assess))
            .WithSummary("Judges a payment, once: the bus and every repetition get the same decision.")
            .WithMetadata(new RequestSizeLimitAttribute(LargestBody))
            .RequireScope(Scopes.Fraud);
        app.MapGet("/v1/decisions/{paymentId}", GetDecision)
            .WithName(nameof(GetDecision))
            .WithSummary("The decision on a payment, with the features that it rests on.")
            .RequireScope(Scopes.Fraud);
        app.MapGet("/v1/decisions/verification", GetVerification)
            .WithName(nameof(GetVerification))
            .WithSummary("Judges stored vectors again and compares bit by bit; by payment id, go on with after=next.")
            .RequireScope(Scopes.Fraud, Scopes.Ops);
        app.MapGet("/v1/rules", GetRules)
            .WithName(nameof(GetRules))
            .WithSummary("The rules in force, weightiest first, and the features that rules can name.")
            .RequireScope(Scopes.Fraud);
    }

    private static async Task<Results<Ok<DecisionResponse>, ValidationProblem>> Assess(
        AssessRequest request,
        DecisionStore decisions,
        PersonalData personal,
        IOptions<FraudOptions> options,
        TimeProvider clock,
        CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var baseCurrency = options.Value.BaseCurrency;
        var problems = request.Problems(baseCurrency, personal, now);
        if (problems.Count > 0)
        {
            return TypedResults.ValidationProblem(problems);
        }

        var payment = request.ToPayment(baseCurrency, personal, now);
        return TypedResults.Ok(DecisionResponse.Of(
            await decisions.DecideAsync(payment, Arrival.Request, cancellation)));
    }

    private static async Task<Results<Ok<DecisionResponse>, ProblemHttpResult>> GetDecision(
        string paymentId, DecisionStore decisions, CancellationToken cancellation) =>
        await decisions.FindAsync(paymentId, cancellation) is { } decision
            ? TypedResults.Ok(DecisionResponse.Of(decision))
            : TypedResults.Problem(
                title: "No decision",
                detail: "The payment has not come, neither by the bus nor by POST /v1/assess.",
                statusCode: StatusCodes.Status404NotFound);

    private static async Task<Results<Ok<VerificationPage>, ValidationProblem>> GetVerification(
        DecisionVerification verification, CancellationToken cancellation, string after = "", int limit = 100)
    {
        var problems = Page.Problems(0, limit);
        return problems.Count > 0
            ? TypedResults.ValidationProblem(problems)
            : TypedResults.Ok(await verification.VerifyAsync(after, limit, cancellation));
    }

    private static Ok<RulesResponse> GetRules(RuleSet rules, IOptions<FraudOptions> options) =>
        TypedResults.Ok(new RulesResponse
        {
            Version = rules.Version,
            ReviewAt = options.Value.ReviewAt,
            BlockAt = options.Value.BlockAt,
            Rules = [.. rules.Rules.Select(rule => new NamedRule { Code = rule.Key, Rule = rule.Value })],
            Features = PaymentVector.Names,
        });
}

/// <summary>The rules in force.</summary>
internal sealed record RulesResponse
{
    public required string Version { get; init; }

    public required double ReviewAt { get; init; }

    public required double BlockAt { get; init; }

    public required IReadOnlyList<NamedRule> Rules { get; init; }

    public required IReadOnlyList<string> Features { get; init; }
}

/// <summary>A rule with its code.</summary>
internal sealed record NamedRule
{
    public required string Code { get; init; }

    public required RuleOptions Rule { get; init; }
}
