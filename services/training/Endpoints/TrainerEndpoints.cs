using System.Text.Json;
using Ecom.ServiceDefaults.Keys;
using Ecom.Training.Trainers;

namespace Ecom.Training.Endpoints;

/// <summary>What can be trained.</summary>
internal static class TrainerEndpoints
{
    public static void MapTrainers(this IEndpointRouteBuilder app) =>
        app.MapGet("/v1/trainers", List)
            .RequireScope(Scopes.Read, Scopes.Ops)
            .WithTags("Trainers")
            .WithName("ListTrainers")
            .WithSummary("The trainers, the model each makes, and its options with their defaults.");

    private static IEnumerable<TrainerResponse> List() => TrainerCatalogue.All.Select(trainer => new TrainerResponse
    {
        Name = trainer.Name,
        Model = trainer.Model,
        Metric = trainer.Metric,
        Source = trainer.Feed.Path,
        Baselines = trainer.Baselines,
        DefaultOptions = JsonSerializer.Deserialize<JsonElement>(trainer.ReadOptions(null).ToJson()),
    });
}

/// <summary>A trainer.</summary>
internal sealed record TrainerResponse
{
    public required string Name { get; init; }

    public required string Model { get; init; }

    public required string Metric { get; init; }

    public required string Source { get; init; }

    public required IReadOnlyList<string> Baselines { get; init; }

    public required JsonElement DefaultOptions { get; init; }
}
