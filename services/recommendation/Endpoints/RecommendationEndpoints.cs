using Ecom.Recommendation.Placements;
using Ecom.Recommendation.Settings;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Ecom.Recommendation.Endpoints;

/// <summary>What storefronts ask.</summary>
internal static class RecommendationEndpoints
{
    private const int LongestId = 100;
    private const int MostAnchors = 50;

    public static void MapRecommendations(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/recommendations", GetRecommendations)
            .WithName(nameof(GetRecommendations))
            .WithSummary("Products for a placement and a visitor, best first, with reasons; never empty.")
            .RequireScope(Scopes.Read);
        app.MapGet("/v1/products/{productId}/similar", GetSimilar)
            .WithName(nameof(GetSimilar))
            .WithSummary("Products that go with a product.")
            .RequireScope(Scopes.Read);
    }

    /// <param name="recommendations">The answering logic.</param>
    /// <param name="settings">The placements.</param>
    /// <param name="options">Limits.</param>
    /// <param name="placement">Name of a placement: GET /v1/placements lists them.</param>
    /// <param name="customerId">Known customer.</param>
    /// <param name="anonymousId">Browser id, for visitors who are not known.</param>
    /// <param name="productId">The product that is shown; needed for placement "product".</param>
    /// <param name="cart">Products in the cart, repeated or comma separated; needed for placement "cart".</param>
    /// <param name="count">Products wanted, 1 to the configured longest answer. Default: the placement's.</param>
    private static async Task<Results<Ok<RecommendationAnswer>, ValidationProblem>> GetRecommendations(
        Recommendations recommendations,
        CurrentSettings settings,
        IOptions<RecommendationOptions> options,
        string placement = "home",
        string? customerId = null,
        string? anonymousId = null,
        string? productId = null,
        string[]? cart = null,
        int? count = null)
    {
        var errors = new Dictionary<string, string[]>();
        var now = settings.Now;
        var found = now.Find(placement);
        if (found is null)
        {
            errors[nameof(placement)] = [$"Unknown. One of: {now.PlacementNames()}."];
        }

        var (customer, browser) = (NullIfEmpty(customerId), NullIfEmpty(anonymousId));
        var arm = found is null ? null : now.ArmOf(found, customer, browser);
        var wanted = count ?? (arm?.Placement ?? found)?.Count ?? 1;
        CheckCount(errors, wanted, options.Value.LongestAnswer);
        CheckId(errors, nameof(customerId), customerId);
        CheckId(errors, nameof(anonymousId), anonymousId);
        var anchors = Anchors(productId, cart);
        if (anchors.Count > MostAnchors || anchors.Any(anchor => anchor.Length > LongestId))
        {
            errors[nameof(cart)] = [$"At most {MostAnchors} products of at most {LongestId} characters."];
        }

        if (errors.Count > 0 || found is null)
        {
            return TypedResults.ValidationProblem(errors);
        }

        return TypedResults.Ok(await recommendations.AnswerAsync(new RecommendationRequest
        {
            Placement = arm?.Placement ?? found,
            Rules = now.RulesOf(found.Name),
            Arm = arm,
            CustomerId = customer,
            AnonymousId = browser,
            Anchors = anchors,
            Count = wanted,
        }));
    }

    private static Task<Results<Ok<RecommendationAnswer>, ValidationProblem>> GetSimilar(
        Recommendations recommendations,
        CurrentSettings settings,
        IOptions<RecommendationOptions> options,
        string productId,
        int? count = null) =>
        GetRecommendations(recommendations, settings, options, "product", productId: productId, count: count);

    private static void CheckCount(Dictionary<string, string[]> errors, int count, int longest)
    {
        if (count < 1 || count > longest)
        {
            errors[nameof(count)] = [$"Must be between 1 and {longest}."];
        }
    }

    private static void CheckId(Dictionary<string, string[]> errors, string name, string? id)
    {
        if (id is { Length: > LongestId })
        {
            errors[name] = [$"At most {LongestId} characters."];
        }
    }

    private static List<string> Anchors(string? productId, string[]? cart) =>
        [.. (cart ?? [])
            .SelectMany(part => part.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Prepend(productId ?? string.Empty)
            .Where(id => id.Length > 0)
            .Distinct()];

    private static string? NullIfEmpty(string? id) => string.IsNullOrEmpty(id) ? null : id;
}
