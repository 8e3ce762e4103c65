using Ecom.FeatureStore.Storage;
using Ecom.ServiceDefaults.Http;
using Ecom.ServiceDefaults.Keys;

namespace Ecom.FeatureStore.Endpoints;

/// <summary>History for training, streamed.</summary>
internal static class HistoryEndpoints
{
    public static void MapHistory(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/history/interactions", GetInteractions)
            .WithName(nameof(GetInteractions))
            .WithSummary("Interactions with products, after <= time < before, oldest first, one JSON object a line.")
            .Produces<InteractionRow>(contentType: "application/x-ndjson")
            .RequireScope(Scopes.Ops);
        app.MapGet("/v1/history/orders", GetOrders)
            .WithName(nameof(GetOrders))
            .WithSummary("Orders with their lines, after <= time < before, oldest first, one JSON object a line.")
            .Produces<OrderRow>(contentType: "application/x-ndjson")
            .RequireScope(Scopes.Ops);
    }

    private static NdjsonResult<InteractionRow> GetInteractions(
        DateTimeOffset? before, DateTimeOffset? after, InteractionHistory history, CancellationToken cancellation) =>
        new(history.InteractionsAsync(after, before, cancellation));

    private static NdjsonResult<OrderRow> GetOrders(
        DateTimeOffset? before, DateTimeOffset? after, InteractionHistory history, CancellationToken cancellation) =>
        new(history.OrdersAsync(after, before, cancellation));
}
