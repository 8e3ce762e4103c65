using System.Security.Claims;
using Ecom.Forecasting.Storage;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.Forecasting.Endpoints;

/// <summary>Proposals to order stock: read, accept, dismiss.</summary>
internal static class ReorderEndpoints
{
    private const int LongestPage = 500;
    private static readonly string[] _states = ["open", "accepted", "dismissed"];

    public static void MapReorders(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/reorder-proposals", GetReorderProposals)
            .WithName(nameof(GetReorderProposals))
            .WithSummary("Proposals, newest first. state is open, accepted or dismissed; none means all.")
            .RequireScope(Scopes.Read);
        app.MapPost("/v1/reorder-proposals/{proposalId:guid}/accept", AcceptReorderProposal)
            .WithName(nameof(AcceptReorderProposal))
            .WithSummary("The order was placed: no new proposal for this product within the lead time.")
            .RequireScope(Scopes.Ops);
        app.MapPost("/v1/reorder-proposals/{proposalId:guid}/dismiss", DismissReorderProposal)
            .WithName(nameof(DismissReorderProposal))
            .WithSummary("No order is wanted: no new proposal for this product for a day.")
            .RequireScope(Scopes.Ops);
    }

    private static async Task<Results<Ok<IReadOnlyList<ReorderProposal>>, ValidationProblem>> GetReorderProposals(
        ReorderStore proposals, CancellationToken cancellation, string? state = null, int skip = 0, int limit = 50)
    {
        if (skip < 0 || limit is < 1 or > LongestPage || (state is not null && !_states.Contains(state)))
        {
            return TypedResults.ValidationProblem(new Dictionary<string, string[]>
            {
                ["query"] = [$"limit 1 to {LongestPage}, skip at least 0, state one of {string.Join(", ", _states)}."],
            });
        }

        return TypedResults.Ok(await proposals.ReadAsync(state, skip, limit, cancellation));
    }

    private static Task<Results<Ok<ReorderProposal>, NotFound, ProblemHttpResult>> AcceptReorderProposal(
        Guid proposalId,
        ReorderStore proposals,
        ClaimsPrincipal user,
        TimeProvider clock,
        CancellationToken cancellation) =>
        DecideAsync(proposalId, "accepted", proposals, user, clock, cancellation);

    private static Task<Results<Ok<ReorderProposal>, NotFound, ProblemHttpResult>> DismissReorderProposal(
        Guid proposalId,
        ReorderStore proposals,
        ClaimsPrincipal user,
        TimeProvider clock,
        CancellationToken cancellation) =>
        DecideAsync(proposalId, "dismissed", proposals, user, clock, cancellation);

    private static async Task<Results<Ok<ReorderProposal>, NotFound, ProblemHttpResult>> DecideAsync(
        Guid proposalId,
        string state,
        ReorderStore proposals,
        ClaimsPrincipal user,
        TimeProvider clock,
        CancellationToken cancellation)
    {
        var proposal = await proposals.DecideAsync(
            proposalId, state, user.Identity?.Name ?? "unknown", clock.GetUtcNow(), cancellation);
        return proposal switch
        {
            null => TypedResults.NotFound(),
            _ when proposal.State == state => TypedResults.Ok(proposal),
            _ => TypedResults.Problem(
                title: "Already decided",
                detail: $"The proposal was {proposal.State} by {proposal.DecidedBy}.",
                statusCode: StatusCodes.Status409Conflict),
        };
    }
}
