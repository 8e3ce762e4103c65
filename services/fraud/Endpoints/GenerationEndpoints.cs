using Ecom.Features.Online;
using Ecom.ServiceDefaults.Keys;
using Ecom.ServiceDefaults.Online;
using Ecom.ServiceDefaults.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.Fraud.Endpoints;

/// <summary>What operations watch and start: generations of what Redis remembers.</summary>
internal static class GenerationEndpoints
{
    private const int MostVerified = 100_000;

    public static void MapGenerations(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/generations", GetGenerations)
            .WithName(nameof(GetGenerations))
            .WithSummary("Generations of what is remembered online, newest first.")
            .RequireScope(Scopes.Ops);
        app.MapPost("/v1/generations", BeginGeneration)
            .WithName(nameof(BeginGeneration))
            .WithSummary("Builds a new generation from decisions and ingestion's log; verify entities are compared.")
            .RequireScope(Scopes.Ops);
    }

    private static async Task<Ok<IReadOnlyList<Generation>>> GetGenerations(
        Generations generations, CancellationToken cancellation) =>
        TypedResults.Ok(await generations.ListAsync(cancellation));

    private static async Task<Results<Accepted<IReadOnlyList<Generation>>, ValidationProblem>> BeginGeneration(
        Generations generations,
        RedisEpoch epochs,
        OnlineFeatures online,
        CancellationToken cancellation,
        int verify = 0)
    {
        if (verify is < 0 or > MostVerified)
        {
            return TypedResults.ValidationProblem(
                new Dictionary<string, string[]> { ["verify"] = [$"Must be 0 to {MostVerified}."] });
        }

        await generations.BeginAsync(online.Set.Version, await epochs.ReadAsync(), verify, cancellation);
        return TypedResults.Accepted("/v1/generations", await generations.ListAsync(cancellation));
    }
}
