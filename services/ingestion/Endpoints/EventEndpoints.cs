using System.Text.Json;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.Ingestion.Endpoints;

/// <summary>What storefronts send: events in Segment's format, one or many, and products.</summary>
internal static class EventEndpoints
{
    public static void MapEvents(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1").RequireScope(Scopes.Ingest).WithTags("Events")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status408RequestTimeout)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .AddEndpointFilter((context, next) =>
                context.HttpContext.RequestServices.GetRequiredService<Admission>().AdmitAsync(context, next));
        group.MapPost("/batch", SendBatch).WithName(nameof(SendBatch)).Accepts<JsonElement>("application/json")
            .WithSummary("Up to 500 events of any type; each gets its own verdict.");
        foreach (var type in new[] { "track", "identify", "page" })
        {
            group.MapPost($"/{type}", (HttpContext context, Intake intake, CancellationToken cancellation) =>
                    SendOne(type, context, intake, cancellation))
                .WithName($"Send{char.ToUpperInvariant(type[0])}{type[1..]}").Accepts<JsonElement>("application/json")
                .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
                .WithSummary($"One {type} event.");
        }

        group.MapPut("/products/{productId}", PutProduct).WithName(nameof(PutProduct))
            .Accepts<JsonElement>("application/json").ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("One product, whole. Unchanged content is a duplicate.");
        group.MapPut("/products/bulk", PutProducts).WithName(nameof(PutProducts))
            .Accepts<JsonElement>("application/json").WithSummary("Up to 500 products; each gets its own verdict.");
    }

    private static Task<Results<Accepted<BatchAnswer>, ProblemHttpResult>> SendBatch(
        HttpContext context, Intake intake, CancellationToken cancellation) =>
        intake.TakeManyAsync(context, "batch", intake.ReadEvent, cancellation);

    private static Task<Results<Accepted<BatchAnswer>, ProblemHttpResult>> PutProducts(
        HttpContext context, Intake intake, CancellationToken cancellation) =>
        intake.TakeManyAsync(context, "products", intake.ReadProduct, cancellation);

    private static Task<Results<Accepted<TrackAnswer>, ProblemHttpResult>> SendOne(
        string type, HttpContext context, Intake intake, CancellationToken cancellation) =>
        intake.TakeOneAsync(context, (json, receipt) => intake.ReadEvent(json, receipt, type), cancellation);

    private static Task<Results<Accepted<TrackAnswer>, ProblemHttpResult>> PutProduct(
        string productId, HttpContext context, Intake intake, CancellationToken cancellation) =>
        intake.TakeOneAsync(context, (json, receipt) => intake.ReadProduct(json, receipt, productId), cancellation);
}
