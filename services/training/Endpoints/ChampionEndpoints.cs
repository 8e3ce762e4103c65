using System.Security.Claims;
using Ecom.ServiceDefaults.Keys;
using Ecom.Training.Storage;
using Ecom.Training.Trainers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.Training.Endpoints;

/// <summary>Who is champion, and how a person changes it.</summary>
internal static class ChampionEndpoints
{
    private const int MaximumReason = 1_000;

    public static void MapChampions(this IEndpointRouteBuilder app)
    {
        var model = app.MapGroup("/v1/models/{name}").WithTags("Champions");
        model.MapGet("/champion", GetAsync).RequireScope(Scopes.Read, Scopes.Ops)
            .WithName("GetChampion")
            .WithSummary("What the deciding services poll: version, trainer, artefact and its checksum.");
        model.MapGet("/challenger", GetChallengerAsync).RequireScope(Scopes.Read, Scopes.Ops)
            .WithName("GetChallenger")
            .WithSummary("The newest version that is not champion, for services that run it in the shadow.");
        model.MapPost("/promote", PromoteAsync).RequireScope(Scopes.Ops)
            .WithName("PromoteVersion")
            .WithSummary("Makes a version champion, whatever its gate said.");
        model.MapPost("/rollback", RollBackAsync).RequireScope(Scopes.Ops)
            .WithName("RollBack")
            .WithSummary("Makes an earlier champion the champion again; by default the one before.");
    }

    private static async Task<Results<Ok<ChampionResponse>, ProblemHttpResult>> GetAsync(
        string name, ModelRegistry registry, CancellationToken cancellation) =>
        await registry.FindChampionAsync(name, cancellation) is { } champion
            ? TypedResults.Ok(ChampionResponse.Of(champion))
            : TypedResults.Problem(
                title: "No champion",
                detail: $"No version of '{name}' is in service yet. POST /v1/runs trains one.",
                statusCode: StatusCodes.Status404NotFound);

    private static async Task<Results<Ok<ChampionResponse>, ProblemHttpResult>> GetChallengerAsync(
        string name, ModelRegistry registry, CancellationToken cancellation) =>
        await registry.FindChallengerAsync(name, cancellation) is { } challenger
            ? TypedResults.Ok(ChampionResponse.Of(challenger))
            : TypedResults.Problem(
                title: "No challenger",
                detail: $"The newest version of '{name}' is champion, or none was trained yet.",
                statusCode: StatusCodes.Status404NotFound);

    private static async Task<Results<Ok<ChampionResponse>, ValidationProblem, ProblemHttpResult>> PromoteAsync(
        string name,
        PromoteRequest request,
        Champions champions,
        ModelRegistry registry,
        ClaimsPrincipal user,
        CancellationToken cancellation)
    {
        if (IsUnusable(request.Reason))
        {
            return InvalidReason();
        }

        var change = await champions.PromoteAsync(
            name, request.Version, NameOf(user), request.Reason!, cancellation);
        return change is ChampionChange.Done
            ? TypedResults.Ok(ChampionResponse.Of((await registry.FindChampionAsync(name, cancellation))!))
            : Refusal(change, name, request.Version);
    }

    private static async Task<Results<Ok<ChampionResponse>, ValidationProblem, ProblemHttpResult>> RollBackAsync(
        string name,
        RollBackRequest request,
        Champions champions,
        ModelRegistry registry,
        ClaimsPrincipal user,
        CancellationToken cancellation)
    {
        if (IsUnusable(request.Reason))
        {
            return InvalidReason();
        }

        var change = await champions.RollBackAsync(
            name, request.ToVersion, NameOf(user), request.Reason!, cancellation);
        return change is ChampionChange.Done
            ? TypedResults.Ok(ChampionResponse.Of((await registry.FindChampionAsync(name, cancellation))!))
            : Refusal(change, name, request.ToVersion);
    }

    private static string NameOf(ClaimsPrincipal user) => user.Identity?.Name ?? "unknown";

    private static bool IsUnusable(string? reason) =>
        string.IsNullOrWhiteSpace(reason) || reason.Length > MaximumReason;

    private static ValidationProblem InvalidReason() => TypedResults.ValidationProblem(
        new Dictionary<string, string[]> { ["reason"] = [$"Say why, in at most {MaximumReason} characters."] });

    private static ProblemHttpResult Refusal(ChampionChange change, string name, int? version) => change switch
    {
        ChampionChange.UnknownVersion => ModelEndpoints.UnknownVersion(name, version ?? 0),
        ChampionChange.AlreadyChampion => Conflict("Already champion", $"Version {version} is champion now."),
        ChampionChange.NeverChampion => Conflict(
            "Never champion", $"Version {version} was never champion: promote it if you want it."),
        ChampionChange.NoEarlierChampion => Conflict(
            "No earlier champion", $"Model '{name}' has no champion before the present one."),
        _ => Conflict(
            "The artefact is missing or damaged",
            "The version's file does not have the checksum that was registered. The champion stays."),
    };

    private static ProblemHttpResult Conflict(string title, string detail) => TypedResults.Problem(
        title: title, detail: detail, statusCode: StatusCodes.Status409Conflict);
}

/// <summary>Which version to promote.</summary>
internal sealed record PromoteRequest
{
    public required int Version { get; init; }

    /// <summary>Why; kept in the audit trail.</summary>
    public string? Reason { get; init; }
}

/// <summary>Where to roll back to.</summary>
internal sealed record RollBackRequest
{
    /// <summary>Why; kept in the audit trail.</summary>
    public string? Reason { get; init; }

    /// <summary>A version that was champion; null for the one before the present.</summary>
    public int? ToVersion { get; init; }
}

/// <summary>The champion of a model, or its challenger.</summary>
internal sealed record ChampionResponse
{
    public required string Model { get; init; }

    public required int Version { get; init; }

    public required string Trainer { get; init; }

    /// <summary>Path of the artefact under this service's address.</summary>
    public required string ArtefactPath { get; init; }

    /// <summary>SHA-256 of the artefact, lower-case hex.</summary>
    public required string ArtefactSha256 { get; init; }

    public required long ArtefactBytes { get; init; }

    /// <summary>What an event counts in a history, by kind; null when all count 1.</summary>
    public IReadOnlyDictionary<string, double>? EventWeights { get; init; }

    public required DateTimeOffset TrainedAt { get; init; }

    public static ChampionResponse Of(VersionRow row) => new()
    {
        Model = row.Model,
        Version = row.Version,
        Trainer = row.Trainer,
        ArtefactPath = Champions.ArtefactPath(row.Model, row.Version),
        ArtefactSha256 = row.ArtefactSha256,
        ArtefactBytes = row.ArtefactBytes,
        EventWeights = SettledRecipe.Read(row.Settled)?.EventWeights,
        TrainedAt = row.TrainedAt,
    };
}
