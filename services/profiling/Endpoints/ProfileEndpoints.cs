using Ecom.Profiling.Segments;
using Ecom.Profiling.Storage;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.Profiling.Endpoints;

/// <summary>Who customers are.</summary>
internal static class ProfileEndpoints
{
    private const int LongestPage = 1_000;

    public static void MapProfiles(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/customers/{customerId}/profile", GetProfile)
            .WithName(nameof(GetProfile))
            .WithSummary("Orders, money, recency, visits and segment of a customer.")
            .RequireScope(Scopes.Read);
        app.MapGet("/v1/segments", GetSegments)
            .WithName(nameof(GetSegments))
            .WithSummary("Segments with sizes and centres in natural units.")
            .RequireScope(Scopes.Read);
        app.MapGet("/v1/segments/{segment}/customers", GetCustomersOfSegment)
            .WithName(nameof(GetCustomersOfSegment))
            .WithSummary("Customers of a segment by id; cursor is the last id of the page before.")
            .RequireScope(Scopes.Read);
    }

    private static async Task<Results<Ok<CustomerProfile>, ProblemHttpResult>> GetProfile(
        string customerId, ProfileCache cache, ProfileStore profiles, CancellationToken cancellation)
    {
        if (await cache.TryFindAsync(customerId) is { } served)
        {
            return TypedResults.Ok(served);
        }

        // Not in Redis: never made yet, or Redis is away or was lost. The tables know, and Redis gets it back.
        if (await profiles.FindAsync(customerId, cache.TryWriteAsync, cancellation) is not { } found)
        {
            return TypedResults.Problem(
                title: "No such customer",
                detail: "No order, visit or identification of this customer has arrived.",
                statusCode: StatusCodes.Status404NotFound);
        }

        return TypedResults.Ok(found);
    }

    private static async Task<Results<Ok<SegmentsAnswer>, ProblemHttpResult>> GetSegments(
        CurrentSegments current, SegmentStore store, CancellationToken cancellation)
    {
        if (current.Served is not { } served)
        {
            return TypedResults.Problem(
                title: "No segmentation yet",
                detail: "Train one: POST /v1/runs of training with trainer \"segments\".",
                statusCode: StatusCodes.Status404NotFound);
        }

        var sizes = await store.CountAsync(cancellation);
        return TypedResults.Ok(new SegmentsAnswer
        {
            ModelVersion = served.Version,
            CustomersWaiting = await store.CountWaitingAsync(served.Version, cancellation),
            Segments = [.. served.Model.Segments.Select(segment => new SegmentAnswer
            {
                Name = segment.Name,
                Customers = sizes.GetValueOrDefault(segment.Name),
                TypicalRecencyDays = Natural(served, segment.Centroid, 0),
                TypicalOrders = Natural(served, segment.Centroid, 1),
                TypicalSpent = Natural(served, segment.Centroid, 2),
            })],
        });
    }

    private static async Task<Results<Ok<IReadOnlyList<string>>, ValidationProblem>> GetCustomersOfSegment(
        string segment, SegmentStore store, CancellationToken cancellation, string cursor = "", int limit = 100)
    {
        if (limit is < 1 or > LongestPage)
        {
            return TypedResults.ValidationProblem(
                new Dictionary<string, string[]> { ["limit"] = [$"Must be between 1 and {LongestPage}."] });
        }

        return TypedResults.Ok(await store.ReadCustomersAsync(segment, cursor, limit, cancellation));
    }

    // Centres are z-scores of log1p.
    private static double Natural(ServedSegments served, double[] centroid, int dimension)
    {
        var scaling = served.Model.Scaling;
        var value = (centroid[dimension] * scaling.Deviations[dimension]) + scaling.Means[dimension];
        return Math.Round(Math.Exp(value) - 1, 2);
    }
}

/// <summary>The segmentation that serves.</summary>
internal sealed record SegmentsAnswer
{
    public required int ModelVersion { get; init; }

    /// <summary>Customers whose segment is about to be assigned.</summary>
    public required long CustomersWaiting { get; init; }

    public required IReadOnlyList<SegmentAnswer> Segments { get; init; }
}

/// <summary>A segment and its centre.</summary>
internal sealed record SegmentAnswer
{
    public required string Name { get; init; }

    public required long Customers { get; init; }

    public required double TypicalRecencyDays { get; init; }

    public required double TypicalOrders { get; init; }

    /// <summary>Minor units of the base currency.</summary>
    public required double TypicalSpent { get; init; }
}
