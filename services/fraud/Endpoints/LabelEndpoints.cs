using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.Fraud.Endpoints;

/// <summary>What became known of payments.</summary>
internal static class LabelEndpoints
{
    public static void MapLabels(this IEndpointRouteBuilder app) =>
        app.MapGet("/v1/labels", GetLabels)
            .WithName(nameof(GetLabels))
            .WithSummary("Labels in the order of arrival; go on with after=next.")
            .RequireScope(Scopes.Fraud);

    private static async Task<Results<Ok<Page<Label>>, ValidationProblem>> GetLabels(
        LabelStore labels, CancellationToken cancellation, long after = 0, int limit = 100)
    {
        var problems = Page.Problems(after, limit);
        if (problems.Count > 0)
        {
            return TypedResults.ValidationProblem(problems);
        }

        var found = await labels.ListAsync(after, limit, cancellation);
        return TypedResults.Ok(new Page<Label> { Items = found, Next = found.Count > 0 ? found[^1].Position : after });
    }
}
