using System.Security.Claims;
using System.Text.Json;
using Ecom.Fraud.Scoring;
using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.Fraud.Endpoints;

/// <summary>The models that serve, how far they can be trusted, and how a person takes one out of service.</summary>
internal static class ModelEndpoints
{
    private const int LongestReason = 2_000;
    private const int MostChanges = 50;

    public static void MapModels(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/models").RequireScope(Scopes.Fraud);
        group.MapGet("", GetModels)
            .WithName(nameof(GetModels))
            .WithSummary("Champion and challenger, the costs in force, drift, quality by labels, and what was done.");
        group.MapPost("/suspend", SuspendModel)
            .WithName(nameof(SuspendModel))
            .WithSummary("Lets rules decide alone, on every replica within two seconds.");
        group.MapPost("/resume", ResumeModel)
            .WithName(nameof(ResumeModel))
            .WithSummary("Lets a suspended champion decide again.");
    }

    private static async Task<Ok<ModelsResponse>> GetModels(
        ModelStore models,
        PolicyStore policies,
        ChallengeStore challenges,
        QualityStore quality,
        CurrentModels current,
        CancellationToken cancellation)
    {
        var roles = await models.ReadRolesAsync(cancellation);
        var policy = await policies.ReadCurrentAsync(cancellation);
        var challenger = roles.FirstOrDefault(role => role.Role == "challenger");
        return TypedResults.Ok(new ModelsResponse
        {
            Champion = await DescribeAsync(roles.FirstOrDefault(role => role.Role == "champion")),
            Challenger = await DescribeAsync(challenger),
            Challenge = challenger is null ? null : await challenges.CountAsync(challenger, cancellation),
            Serving = current.Now.Fallback is null ? current.Now.Champion?.Version : null,
            Fallback = current.Now.Fallback,
            Policy = policy.Version,
            Costs = policy,
            Outcomes = await quality.ListAsync(MostChanges, cancellation),
            Changes = await models.ListChangesAsync(MostChanges, cancellation),
        });

        async Task<ModelResponse?> DescribeAsync(ModelRole? role) => role is null
            ? null
            : ModelResponse.Of(role, await current.FindAsync(role.Version, cancellation));
    }

    private static Task<Results<NoContent, ValidationProblem, ProblemHttpResult>> SuspendModel(
        SuspensionRequest request, ModelStore models, ClaimsPrincipal user, CancellationToken cancellation) =>
        ChangeAsync(request, () => models.SuspendAsync(
            request.Version, request.Reason!, Refusals.NameOf(user), cancellation));

    private static Task<Results<NoContent, ValidationProblem, ProblemHttpResult>> ResumeModel(
        SuspensionRequest request, ModelStore models, ClaimsPrincipal user, CancellationToken cancellation) =>
        ChangeAsync(request, () => models.ResumeAsync(
            request.Version, request.Reason!, Refusals.NameOf(user), cancellation));

    private static async Task<Results<NoContent, ValidationProblem, ProblemHttpResult>> ChangeAsync(
        SuspensionRequest request, Func<Task<bool>> change) =>
        string.IsNullOrWhiteSpace(request.Reason) || request.Reason.Length > LongestReason
            ? Refusals.Field("reason", $"Say why, in at most {LongestReason} characters.")
            : await change()
                ? TypedResults.NoContent()
                : Refusals.Conflict(
                    $"Version {request.Version} is not champion, or is in that state already: see GET /v1/models.");
}

/// <summary>Which version, and why.</summary>
internal sealed record SuspensionRequest
{
    public required int Version { get; init; }

    /// <summary>Kept in the record; at most 2,000 characters.</summary>
    public string? Reason { get; init; }
}

/// <summary>The models that serve, and what they are worth.</summary>
internal sealed record ModelsResponse
{
    public required ModelResponse? Champion { get; init; }

    public required ModelResponse? Challenger { get; init; }

    /// <summary>What the challenger would have done since it came; null without one.</summary>
    public required ChallengeCounts? Challenge { get; init; }

    /// <summary>
    /// The version that decides with the rules on the replica that answers; null if rules decide alone there. A new
    /// champion is loaded within two seconds.
    /// </summary>
    public required int? Serving { get; init; }

    /// <summary>Why rules decide alone although there is a champion; null if they do not.</summary>
    public required string? Fallback { get; init; }

    /// <summary>Version of the costs in force.</summary>
    public required string Policy { get; init; }

    /// <summary>The costs, and what a look must gain so that the team's budget is kept.</summary>
    public required CostPolicy Costs { get; init; }

    /// <summary>Quality by labels, newest week first.</summary>
    public required IReadOnlyList<ModelOutcomes> Outcomes { get; init; }

    /// <summary>Who did what, newest first.</summary>
    public required IReadOnlyList<ModelChange> Changes { get; init; }
}

/// <summary>A version in its role.</summary>
internal sealed record ModelResponse
{
    public required int Version { get; init; }

    public required string Trainer { get; init; }

    public required DateTimeOffset Since { get; init; }

    /// <summary>Time of the first and the last payment that it learnt from; null if it cannot be loaded.</summary>
    public required DateTimeOffset? LearntFrom { get; init; }

    public required DateTimeOffset? LearntTo { get; init; }

    public required long? Payments { get; init; }

    public required long? Frauds { get; init; }

    public required DateTimeOffset? SuspendedAt { get; init; }

    public required string? SuspendedBecause { get; init; }

    public required string? SuspendedBy { get; init; }

    /// <summary>When a person let it decide again: the guard leaves it alone. Null if none did.</summary>
    public required DateTimeOffset? TrustedAt { get; init; }

    /// <summary>How the newest payments differ from what it learnt from; null until it was looked at.</summary>
    public required ModelDrift? Drift { get; init; }

    public static ModelResponse Of(ModelRole role, ServedModel? served) => new()
    {
        Version = role.Version,
        Trainer = role.Trainer,
        Since = role.Since,
        LearntFrom = served?.Model.TrainedOn.From,
        LearntTo = served?.Model.TrainedOn.To,
        Payments = served?.Model.TrainedOn.Rows,
        Frauds = served?.Model.TrainedOn.Frauds,
        SuspendedAt = role.SuspendedAt,
        SuspendedBecause = role.SuspendedBecause,
        SuspendedBy = role.SuspendedBy,
        TrustedAt = role.TrustedAt,
        Drift = role.Drift is null
            ? null
            : JsonSerializer.Deserialize<ModelDrift>(role.Drift, JsonSerializerOptions.Web),
    };
}
