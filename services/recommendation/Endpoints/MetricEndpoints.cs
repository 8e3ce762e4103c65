using Ecom.Recommendation.Outcomes;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.Recommendation.Endpoints;

/// <summary>What came of answers.</summary>
internal static class MetricEndpoints
{
    private const int MostDays = 92;
    private const int UsualDays = 7;

    public static void MapMetrics(this IEndpointRouteBuilder app) =>
        app.MapGet("/v1/metrics/placements", GetPlacementMetrics)
            .WithName(nameof(GetPlacementMetrics))
            .WithSummary("Clicks, carts, orders, revenue and coverage by day, placement, model version and arm.")
            .RequireScope(Scopes.Read, Scopes.Ops);

    /// <param name="metrics">Where the numbers are.</param>
    /// <param name="clock">What day it is.</param>
    /// <param name="from">First day, YYYY-MM-DD, UTC. Default a week before the last.</param>
    /// <param name="to">Last day. Default today.</param>
    /// <param name="placement">One placement. Default all.</param>
    /// <param name="cancellation">The request.</param>
    private static async Task<Results<Ok<IReadOnlyList<PlacementDay>>, ValidationProblem>> GetPlacementMetrics(
        MetricStore metrics,
        TimeProvider clock,
        DateOnly? from,
        DateOnly? to,
        string? placement,
        CancellationToken cancellation)
    {
        var last = to ?? DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var first = from ?? last.AddDays(1 - UsualDays);
        return first > last || last.DayNumber - first.DayNumber >= MostDays
            ? TypedResults.ValidationProblem(new Dictionary<string, string[]>
            {
                [nameof(from)] = [$"Must not be after \"to\", nor {MostDays} days or more before it."],
            })
            : TypedResults.Ok(await metrics.ReadDaysAsync(first, last, placement, cancellation));
    }
}
