using Ecom.Recommendation.Placements;
using Ecom.Recommendation.Settings;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Ecom.Recommendation.Endpoints;

/// <summary>What storefronts ask.</summary>
internal static class RecommendationEndpoints
{
    public static void MapRecommendations(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/recommendations", GetRecommendations)
            .WithName(nameof(GetRecommendations))
            .WithSummary("Products for a placement and a visitor, best first, with reasons; never empty.")
            .RequireScope(Scopes.Read);
        app.MapGet("/v1/recommendations/explain", ExplainRecommendation)
            .WithName(nameof(ExplainRecommendation))
            .WithSummary("What each stage of an answer says of one product; cart tells the product shown, too.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .RequireScope(Scopes.Ops, Scopes.Read);
        app.MapGet("/v1/products/{productId}/similar", GetSimilar)
            .WithName(nameof(GetSimilar))
            .WithSummary("Products that go with a product.")
            .RequireScope(Scopes.Read);
    }

    private static async Task<Results<Utf8Answer, ValidationProblem, ProblemHttpResult>> GetRecommendations(
        Recommendations recommendations,
        CurrentSettings settings,
        IOptions<RecommendationOptions> options,
        [AsParameters] RecommendationQuery query)
    {
        if (query.Check(settings.Now, options.Value.LongestAnswer, out var errors) is not { } request)
        {
            return TypedResults.ValidationProblem(errors!);
        }

        return string.IsNullOrEmpty(query.ProductId) || recommendations.Knows(query.ProductId)
            ? await recommendations.AnswerAsync(request)
            : Unknown(query.ProductId);
    }

    // The product in question is not the one shown: that, and what is in the cart, the parameter cart tells.
    private static async Task<Results<Ok<Explanation>, ValidationProblem, ProblemHttpResult>> ExplainRecommendation(
        Recommendations recommendations,
        CurrentSettings settings,
        IOptions<RecommendationOptions> options,
        [AsParameters] RecommendationQuery query)
    {
        var asked = query with { ProductId = null };
        if (asked.Check(settings.Now, options.Value.LongestAnswer, out var errors) is not { } request)
        {
            return TypedResults.ValidationProblem(errors!);
        }

        if (string.IsNullOrEmpty(query.ProductId))
        {
            return TypedResults.ValidationProblem(
                new Dictionary<string, string[]> { ["productId"] = ["Obligatory: the product in question."] });
        }

        return await recommendations.ExplainAsync(request, query.ProductId) is { } explanation
            ? TypedResults.Ok(explanation)
            : Unknown(query.ProductId);
    }

    private static ProblemHttpResult Unknown(string productId) => TypedResults.Problem(
        title: "Unknown product",
        detail: $"Neither the catalogue nor the served model knows product \"{productId}\".",
        statusCode: StatusCodes.Status404NotFound);

    private static Task<Results<Utf8Answer, ValidationProblem, ProblemHttpResult>> GetSimilar(
        Recommendations recommendations,
        CurrentSettings settings,
        IOptions<RecommendationOptions> options,
        string productId,
        int? count = null) =>
        GetRecommendations(
            recommendations,
            settings,
            options,
            new RecommendationQuery { Placement = "product", ProductId = productId, Count = count });
}
