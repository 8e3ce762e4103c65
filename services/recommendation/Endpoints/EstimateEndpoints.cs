using System.Text.Json.Serialization;
using Ecom.Recommendation.Lists;
using Ecom.Recommendation.Placements;
using Ecom.Recommendation.Rules;
using Ecom.Recommendation.Settings;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Ecom.Recommendation.Endpoints;

/// <summary>Judges settings and rules on logged answers, before they go live.</summary>
internal static class EstimateEndpoints
{
    private const int MostSamples = 20_000;

    public static void MapEstimates(this IEndpointRouteBuilder app) =>
        app.MapPost("/v1/placements/{name}/estimate", EstimatePlacement)
            .WithName(nameof(EstimatePlacement))
            .WithSummary("What other settings or rules would have earned; refused when the log says too little.")
            .RequireScope(Scopes.Ops);

    private static async Task<Results<Ok<OffPolicyEstimation>, ValidationProblem, ProblemHttpResult>> EstimatePlacement(
        SampleStore samples,
        RuleStore rules,
        CurrentSettings settings,
        Catalogue catalogue,
        IOptions<RecommendationOptions> options,
        TimeProvider clock,
        string name,
        EstimateQuestion question,
        CancellationToken cancellation)
    {
        if (settings.Now.Find(name) is not { } placement)
        {
            return TypedResults.Problem(
                title: "No such placement",
                detail: $"One of: {settings.Now.PlacementNames()}.",
                statusCode: StatusCodes.Status404NotFound);
        }

        var errors = new Dictionary<string, string[]>();
        foreach (var (path, reasons) in question.Settings?.Check(options.Value.LongestAnswer) ?? [])
        {
            errors[$"settings.{path}"] = reasons;
        }

        var now = clock.GetUtcNow();
        var judged = (await rules.ReadActiveAsync(cancellation)).Where(rule => rule.HoldsAt(now)).ToList();
        foreach (var (index, number) in question.Rules.Index())
        {
            if (await rules.FindAsync(number, cancellation) is { } rule)
            {
                judged.Add(rule);
            }
            else
            {
                errors[$"rules[{index}]"] = [$"There is no rule {number}."];
            }
        }

        if (errors.Count > 0)
        {
            return TypedResults.ValidationProblem(errors);
        }

        var found = OffPolicyEstimation.Of(
            await samples.ReadAsync([name], now - SampleStore.Kept, MostSamples, cancellation),
            placement,
            question.Settings?.ToPlacement(name, placement.Version) ?? placement,
            RuleSet.Of(judged.DistinctBy(rule => rule.Number), name),
            catalogue,
            now);
        return found.Refusal is null
            ? TypedResults.Ok(found)
            : TypedResults.Problem(
                title: "The log says too little",
                detail: found.Refusal,
                statusCode: StatusCodes.Status422UnprocessableEntity,
                extensions: new Dictionary<string, object?> { ["estimate"] = found });
    }
}

/// <summary>What is to be judged.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record EstimateQuestion
{
    /// <summary>Settings of the placement; null: as they are.</summary>
    public PlacementSettings? Settings { get; init; }

    /// <summary>Numbers of rules to add to the active ones, drafts too.</summary>
    public IReadOnlyList<long> Rules { get; init => field = value ?? []; } = [];
}
