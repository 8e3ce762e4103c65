using Ecom.Profiling.Storage;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.Profiling.Endpoints;

/// <summary>Makes every profile in Redis anew from the tables.</summary>
internal static class RefreshEndpoints
{
    public static void MapRefresh(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/profile-refresh", GetRefresh)
            .WithName(nameof(GetRefresh))
            .WithSummary("How many profiles wait to be made anew.")
            .RequireScope(Scopes.Ops);
        app.MapPost("/v1/profile-refresh", BeginRefresh)
            .WithName(nameof(BeginRefresh))
            .WithSummary("Makes every profile anew from the tables, as after a loss of Redis.")
            .RequireScope(Scopes.Ops);
    }

    private static async Task<Ok<ProfileBacklog>> GetRefresh(
        CustomerStore customers, CancellationToken cancellation) =>
        TypedResults.Ok(await customers.ReadBacklogAsync(cancellation));

    private static async Task<Accepted<ProfileBacklog>> BeginRefresh(
        CustomerStore customers, CancellationToken cancellation)
    {
        await customers.MarkAllAsync(cancellation);
        return TypedResults.Accepted("/v1/profile-refresh", await customers.ReadBacklogAsync(cancellation));
    }
}
