using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Ecom.Fraud.Endpoints;

/// <summary>What became known of payments.</summary>
internal static class LabelEndpoints
{
    private const int LargestBody = 16 * 1024;

    public static void MapLabels(this IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/labels", PostLabel)
            .WithName(nameof(PostLabel))
            .WithSummary("States what became known of a payment, which may come later; the same id counts once.")
            .WithMetadata(new RequestSizeLimitAttribute(LargestBody))
            .RequireScope(Scopes.Fraud);
        app.MapGet("/v1/labels", GetLabels)
            .WithName(nameof(GetLabels))
            .WithSummary("Labels in the order of arrival; go on with after=next.")
            .RequireScope(Scopes.Fraud);
    }

    private static async Task<Results<Accepted<AcceptedLabel>, ValidationProblem>> PostLabel(
        LabelRequest request, LabelStore labels, TimeProvider clock, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var problems = request.Problems(now);
        if (problems.Count > 0)
        {
            return TypedResults.ValidationProblem(problems);
        }

        if (request.KnownAt is { } at && at < await labels.FindAttemptAsync(request.PaymentId!, cancellation))
        {
            return Refusals.Field("knownAt", "Nothing is known of a payment before it was attempted.");
        }

        var label = request.ToLabel(now);
        await labels.RecordAsync(label, cancellation);
        return TypedResults.Accepted((string?)null, new AcceptedLabel { LabelId = label.LabelId });
    }

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

/// <summary>A label that is kept.</summary>
internal sealed record AcceptedLabel
{
    public required Guid LabelId { get; init; }
}
