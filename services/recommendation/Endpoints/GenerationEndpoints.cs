using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.Recommendation.Endpoints;

/// <summary>What operations watch: the sets of lists, the one that serves, progress of the one being made.</summary>
internal static class GenerationEndpoints
{
    private const int Most = 100;

    public static void MapGenerations(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/generations", GetGenerations)
            .WithName(nameof(GetGenerations))
            .WithSummary("Sets of lists, newest first, with state and progress.")
            .RequireScope(Scopes.Ops);
        app.MapPost("/v1/generations", PostGeneration)
            .WithName(nameof(PostGeneration))
            .WithSummary("Makes the current model's lists anew.")
            .RequireScope(Scopes.Ops);
    }

    private static async Task<Results<Ok<IReadOnlyList<Generation>>, ValidationProblem>> GetGenerations(
        GenerationStore generations, CancellationToken cancellation, int limit = 20)
    {
        if (limit is < 1 or > Most)
        {
            return TypedResults.ValidationProblem(
                new Dictionary<string, string[]> { ["limit"] = [$"Must be between 1 and {Most}."] });
        }

        return TypedResults.Ok(await generations.ReadAllAsync(limit, cancellation));
    }

    private static async Task<Results<Accepted<IReadOnlyList<Generation>>, ProblemHttpResult>> PostGeneration(
        GenerationStore generations, CancellationToken cancellation) =>
        await generations.RequestRefreshAsync(cancellation)
            ? TypedResults.Accepted("/v1/generations", await generations.ReadAllAsync(20, cancellation))
            : TypedResults.Problem(
                title: "Nothing to refresh",
                detail: "No model is current yet, or a set of lists is being made already. See GET /v1/generations.",
                statusCode: StatusCodes.Status409Conflict);
}
