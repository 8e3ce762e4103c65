using Ecom.Fraud.Alerts;
using Ecom.Fraud.Rings;
using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.Fraud.Endpoints;

/// <summary>Customers that are tied together.</summary>
internal static class RingEndpoints
{
    private const int Smallest = 2;
    private const int Largest = 1_000;

    public static void MapRings(this IEndpointRouteBuilder app)
    {
        var rings = app.MapGroup("/v1/rings").RequireScope(Scopes.Fraud);
        rings.MapGet("", GetRings)
            .WithName(nameof(GetRings))
            .WithSummary("Rings of at least so many customers by their last growth, oldest first; on with after=next.");
        rings.MapGet("/{ringId:guid}", GetRing)
            .WithName(nameof(GetRing))
            .WithSummary("A ring, or the one that it went into: customers, what ties them, growth by day, alerts.");
    }

    private static async Task<Results<Ok<Page<Ring>>, ValidationProblem>> GetRings(
        RingReader rings, CancellationToken cancellation, int least = Smallest, long after = 0, int limit = 100)
    {
        var problems = Page.Problems(after, limit);
        if (least is < Smallest or > Largest)
        {
            problems[nameof(least)] = [$"Must be between {Smallest} and {Largest}."];
        }

        if (problems.Count > 0)
        {
            return TypedResults.ValidationProblem(problems);
        }

        var found = await rings.ListAsync(least, after, limit, cancellation);
        return TypedResults.Ok(new Page<Ring> { Items = found, Next = found.Count > 0 ? found[^1].Position : after });
    }

    private static async Task<Results<Ok<RingDetail>, ProblemHttpResult>> GetRing(
        Guid ringId, RingReader rings, CancellationToken cancellation) =>
        await rings.FindAsync(ringId, cancellation) is { } ring
            ? TypedResults.Ok(ring)
            : ChangeAnswers.NotFound("ring");
}
