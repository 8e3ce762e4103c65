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
            .RequireScope(Scopes.Assess, Scopes.Fraud);
        app.MapGet("/v1/decisions/{paymentId}", GetDecision)
            .WithName(nameof(GetDecision))
            .WithSummary("The decision on a payment, with the features that it rests on.")
            .RequireScope(Scopes.Fraud);
        app.MapGet("/v1/decisions/verification", GetVerification)
            .WithName(nameof(GetVerification))
            .WithSummary("Judges stored vectors again and compares bit by bit; by payment id, go on with after=next.")
            .RequireScope(Scopes.Fraud, Scopes.Ops);
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
}
