using System.Text.Json;
using Ecom.Ingestion.Cleaning;
using Ecom.Ingestion.Storage;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.Ingestion.Endpoints;

/// <summary>What a customer may ask of the shop: give me my data, forget me.</summary>
internal static class PrivacyEndpoints
{
    public static void MapPrivacy(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/customers/{customerId}").RequireScope(Scopes.Admin).WithTags("Privacy");
        group.MapGet("/export", ExportCustomer).WithName(nameof(ExportCustomer))
            .WithSummary("Everything that ingestion holds about a customer.");
        group.MapPost("/erase", EraseCustomer).WithName(nameof(EraseCustomer))
            .WithSummary("Forgets a customer here and tells every service to; later events of it are refused.");
    }

    private static async Task<Results<Ok<CustomerAnswer>, ProblemHttpResult>> ExportCustomer(
        string customerId, CustomerData customers, CancellationToken cancellation) =>
        CleanText.Clean(customerId) is { } id && await customers.ExportAsync(id, cancellation) is { } export
            ? TypedResults.Ok(CustomerAnswer.Of(export))
            : TypedResults.Problem(
                title: "Nothing is held about this customer", statusCode: StatusCodes.Status404NotFound);

    private static async Task<Results<Accepted<Erasure>, ProblemHttpResult>> EraseCustomer(
        string customerId, CustomerData customers, CancellationToken cancellation) =>
        CleanText.Clean(customerId) is { Length: <= CleanText.LongestId } id
            ? TypedResults.Accepted((string?)null, await customers.EraseAsync(id, cancellation))
            : TypedResults.Problem(
                title: "Not a customer id",
                detail: "1 to 100 characters.",
                statusCode: StatusCodes.Status400BadRequest);
}

/// <summary>An export as JSON.</summary>
internal sealed record CustomerAnswer(
    string CustomerId,
    ExportedCustomer? Customer,
    IReadOnlyList<string> AnonymousIds,
    IReadOnlyList<JsonElement> Events)
{
    public static CustomerAnswer Of(CustomerExport export) => new(
        export.CustomerId, export.Customer, export.AnonymousIds,
        [.. export.Events.Select(e => JsonSerializer.SerializeToElement(
            new
            {
                e.EventId, e.Kind, e.OccurredAt, e.ReceivedAt, Body = JsonSerializer.Deserialize<JsonElement>(e.Body),
            },
            JsonSerializerOptions.Web))]);
}
