using System.Security.Claims;
using System.Text.RegularExpressions;
using Ecom.Recommendation.Placements;
using Ecom.Recommendation.Settings;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Ecom.Recommendation.Endpoints;

/// <summary>What merchandisers set of placements; a change holds on every replica within two seconds.</summary>
internal static partial class PlacementEndpoints
{
    private const int MostVersions = 100;
    private const int MostPlacements = 200;

    public static void MapPlacements(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/placements", (PlacementStore store, CancellationToken cancellation) =>
            store.ReadAllAsync(cancellation))
            .WithName("GetPlacements")
            .WithSummary("The placements, the lists that fill them, and who set them.")
            .RequireScope(Scopes.Read, Scopes.Ops);
        app.MapGet("/v1/placements/{name}/versions", GetVersions)
            .WithName("GetPlacementVersions")
            .WithSummary("Changes of a placement, newest first.")
            .RequireScope(Scopes.Ops);
        app.MapPut("/v1/placements/{name}", PutPlacement)
            .WithName(nameof(PutPlacement))
            .WithSummary("Adds or changes a placement.")
            .RequireScope(Scopes.Ops);
        app.MapDelete("/v1/placements/{name}", DeletePlacement)
            .WithName(nameof(DeletePlacement))
            .WithSummary("Deletes a placement: requests that name it are refused.")
            .RequireScope(Scopes.Ops);
    }

    private static async Task<Ok<IReadOnlyList<Change>>> GetVersions(
        ChangeStore changes, string name, CancellationToken cancellation) =>
        TypedResults.Ok(await changes.ListAsync("placement", name, MostVersions, cancellation));

    /// <param name="store">Where placements are.</param>
    /// <param name="current">How many there are.</param>
    /// <param name="options">Limits.</param>
    /// <param name="user">Who asks.</param>
    /// <param name="name">1 to 24 lower-case letters, digits and hyphens.</param>
    /// <param name="settings">The whole placement; what is left out takes its default.</param>
    /// <param name="expectedVersion">Version that the change was made from: another one by now is a 409.</param>
    /// <param name="cancellation">The request.</param>
    private static async Task<Results<Ok<PlacementVersion>, ValidationProblem, ProblemHttpResult>> PutPlacement(
        PlacementStore store,
        CurrentSettings current,
        IOptions<RecommendationOptions> options,
        ClaimsPrincipal user,
        string name,
        PlacementSettings settings,
        int? expectedVersion,
        CancellationToken cancellation)
    {
        var errors = settings.Check(options.Value.LongestAnswer);
        if (!NameShape().IsMatch(name))
        {
            errors[nameof(name)] = ["1 to 24 lower-case letters, digits and hyphens, a letter first."];
        }

        if (current.Now.Find(name) is null && current.Now.Placements.Count >= MostPlacements)
        {
            errors[nameof(name)] = [$"There are {MostPlacements} placements already: delete one that is not used."];
        }

        if (errors.Count > 0)
        {
            return TypedResults.ValidationProblem(errors);
        }

        var version = await store.PutAsync(name, settings, expectedVersion, Refusals.NameOf(user), cancellation);
        return version is { } made
            ? TypedResults.Ok(new PlacementVersion { Name = name, Version = made })
            : TypedResults.Problem(
                title: "Another version by now",
                detail: "Somebody changed the placement meanwhile. Read it again, then repeat your change.",
                statusCode: StatusCodes.Status409Conflict);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeletePlacement(
        PlacementStore store, ClaimsPrincipal user, string name, CancellationToken cancellation) =>
        await store.DeleteAsync(name, Refusals.NameOf(user), cancellation)
            ? TypedResults.NoContent()
            : Refusals.Missing("placement", "/v1/placements");

    [GeneratedRegex("^[a-z][a-z0-9-]{0,23}$")]
    private static partial Regex NameShape();
}

/// <summary>A placement as it is now.</summary>
internal sealed record PlacementVersion
{
    public required string Name { get; init; }

    public required int Version { get; init; }
}
