using System.ComponentModel.DataAnnotations;
using Ecom.Recommendation.Jobs;
using Ecom.Recommendation.Lists;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.Recommendation.Endpoints;

/// <summary>What visitors say of recommendations themselves.</summary>
internal static class FeedbackEndpoints
{
    private const int LongestId = 100;

    public static void MapFeedback(this IEndpointRouteBuilder app) =>
        app.MapPost("/v1/feedback", PostFeedback)
            .WithName(nameof(PostFeedback))
            .WithSummary("A visitor does not want to see a product again, or takes that back.")
            .RequireScope(Scopes.Ingest);

    // Answered when every placement follows it; repeating it changes nothing.
    private static async Task<Results<NoContent, ValidationProblem>> PostFeedback(
        Feedback feedback,
        VisitorStore visitors,
        Reactions reactions,
        TimeProvider clock,
        CancellationToken cancellation)
    {
        var errors = new Dictionary<string, string[]>();
        CheckId(errors, "productId", feedback.ProductId);
        CheckId(errors, "customerId", feedback.CustomerId);
        CheckId(errors, "anonymousId", feedback.AnonymousId);
        if (Visitor.Of(feedback.CustomerId, feedback.AnonymousId) is not { } visitor)
        {
            errors["customerId"] = ["customerId or anonymousId must be there."];
            return TypedResults.ValidationProblem(errors);
        }

        if (errors.Count > 0)
        {
            return TypedResults.ValidationProblem(errors);
        }

        await visitors.HideAsync(visitor, feedback.ProductId, !feedback.Undo, clock.GetUtcNow(), cancellation);
        await reactions.ApplyAsync([visitor], cancellation);
        return TypedResults.NoContent();
    }

    private static void CheckId(Dictionary<string, string[]> errors, string name, string? id)
    {
        if (id is { Length: 0 or > LongestId })
        {
            errors[name] = [$"1 to {LongestId} characters."];
        }
    }
}

/// <summary>A visitor is not interested in a product.</summary>
internal sealed record Feedback
{
    /// <summary>Known customer; else the browser must be named.</summary>
    public string? CustomerId { get; init; }

    public string? AnonymousId { get; init; }

    [Required]
    public required string ProductId { get; init; }

    /// <summary>True takes it back. Default false.</summary>
    public bool Undo { get; init; }
}
