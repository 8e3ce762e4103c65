using Ecom.ServiceDefaults.Keys;
using Ecom.Training.Registry;
using Ecom.Training.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Ecom.Training.Endpoints;

/// <summary>Reads the registry: models, versions, artefacts.</summary>
internal static class ModelEndpoints
{
    private const int Measurements = 200;

    public static void MapModels(this IEndpointRouteBuilder app)
    {
        var models = app.MapGroup("/v1/models").WithTags("Models").RequireScope(Scopes.Read, Scopes.Ops);
        models.MapGet("/", ListAsync).WithName("ListModels")
            .WithSummary("Models with their champion and challenger.");
        models.MapGet("/{name}", GetAsync).WithName("GetModel")
            .WithSummary("A model: champion, challenger, who promoted what and why, live quality.");
        models.MapGet("/{name}/versions", ListVersionsAsync).WithName("ListVersions")
            .WithSummary("Versions of a model, newest first, with metrics and verdict.");
        models.MapGet("/{name}/versions/{version:int}", GetVersionAsync).WithName("GetVersion")
            .WithSummary("A version.");
        models.MapGet("/{name}/versions/{version:int}/artefact", DownloadAsync).WithName("DownloadArtefact")
            .WithSummary("The artefact; its ETag is its SHA-256.");
    }

    public static ProblemHttpResult UnknownModel(string name) => TypedResults.Problem(
        title: "No such model",
        detail: $"There is no model '{name}' yet. GET /v1/trainers says which trainer makes which model.",
        statusCode: StatusCodes.Status404NotFound);

    public static ProblemHttpResult UnknownVersion(string name, int version) => TypedResults.Problem(
        title: "No such version",
        detail: $"Model '{name}' has no version {version}. GET /v1/models/{name}/versions lists them.",
        statusCode: StatusCodes.Status404NotFound);

    private static async Task<IReadOnlyList<ModelRow>> ListAsync(
        ModelRegistry registry, CancellationToken cancellation) => await registry.ListModelsAsync(cancellation);

    private static async Task<Results<Ok<ModelResponse>, ProblemHttpResult>> GetAsync(
        string name, ModelRegistry registry, QualityStore quality, CancellationToken cancellation)
    {
        if (await registry.FindModelAsync(name, cancellation) is not { } model)
        {
            return UnknownModel(name);
        }

        var outcomes = await quality.ListOutcomesAsync(name, Measurements, cancellation);
        return TypedResults.Ok(new ModelResponse
        {
            Name = model.Name,
            LastVersion = model.LastVersion,
            Champion = model.Champion,
            Challenger = model.Challenger,
            Promotions = await registry.ListPromotionsAsync(name, cancellation),
            Outcomes = [.. outcomes.Select(OutcomesResponse.Of)],
        });
    }

    private static async Task<Results<Ok<IEnumerable<VersionResponse>>, ProblemHttpResult>> ListVersionsAsync(
        string name, ModelRegistry registry, CancellationToken cancellation)
    {
        if (await registry.FindModelAsync(name, cancellation) is null)
        {
            return UnknownModel(name);
        }

        var versions = await registry.ListVersionsAsync(name, cancellation);
        return TypedResults.Ok(versions.Select(VersionResponse.Of));
    }

    private static async Task<Results<Ok<VersionResponse>, ProblemHttpResult>> GetVersionAsync(
        string name, int version, ModelRegistry registry, CancellationToken cancellation) =>
        await registry.FindAsync(name, version, cancellation) is { } row
            ? TypedResults.Ok(VersionResponse.Of(row))
            : UnknownVersion(name, version);

    private static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> DownloadAsync(
        string name, int version, ModelRegistry registry, ArtefactStore artefacts, CancellationToken cancellation)
    {
        if (await registry.FindAsync(name, version, cancellation) is not { } row)
        {
            return UnknownVersion(name, version);
        }

        return await artefacts.OpenAsync(row, cancellation) is { } stream
            ? TypedResults.Stream(
                stream,
                "application/octet-stream",
                $"{name}-{version}.bin",
                row.TrainedAt,
                new EntityTagHeaderValue($"\"{row.ArtefactSha256}\""),
                enableRangeProcessing: true)
            : TypedResults.Problem(
                title: "The artefact is missing or damaged",
                detail: $"The file of {name} version {version} does not have the checksum that was registered. "
                    + "Restore it, or roll back to another version.",
                statusCode: StatusCodes.Status500InternalServerError);
    }
}
