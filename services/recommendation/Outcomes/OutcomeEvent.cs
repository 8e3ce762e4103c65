using Ecom.Contracts.Behaviour;
using Ecom.Contracts.Orders;

namespace Ecom.Recommendation.Outcomes;

/// <summary>Something a visitor did that may be an outcome of an answer.</summary>
internal sealed record OutcomeEvent
{
    public required Guid EventId { get; init; }

    public required string ProductId { get; init; }

    /// <summary>click, cart or buy.</summary>
    public required string Kind { get; init; }

    /// <summary>The answer that led here; null: the visitor's last reaction to the product tells.</summary>
    public string? AnswerId { get; init; }

    public string? CustomerId { get; init; }

    public string? AnonymousId { get; init; }

    /// <summary>Minor units of the base currency.</summary>
    public long Amount { get; init; }

    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>Clicks on an answer's products and all carts. Imported history and robots are none.</summary>
    public static IReadOnlyList<OutcomeEvent> Of(InteractionsRecorded message) =>
        [.. message.Interactions
            .Where(item => !item.Backfill && !item.Source.IsBot && item.ProductId is not null)
            .Select(item => (Item: item, Kind: KindOf(item)))
            .Where(found => found.Kind is not null)
            .Select(found => new OutcomeEvent
            {
                EventId = found.Item.EventId,
                ProductId = found.Item.ProductId!,
                Kind = found.Kind!,
                AnswerId = found.Item.RecommendationId,
                CustomerId = found.Item.CustomerId,
                AnonymousId = found.Item.AnonymousId,
                OccurredAt = found.Item.OccurredAt,
            })];

    /// <summary>Each line of an order.</summary>
    public static IReadOnlyList<OutcomeEvent> Of(OrderPlaced order) =>
        order.Backfill || order.Source.IsBot
            ? []
            : [.. order.Lines.Select(line => new OutcomeEvent
            {
                EventId = order.EventId,
                ProductId = line.ProductId,
                Kind = "buy",
                CustomerId = order.CustomerId,
                AnonymousId = order.AnonymousId,
                Amount = line.Quantity * line.UnitPrice.BaseAmount,
                OccurredAt = order.PlacedAt,
            })];

    // A storefront may tell the click, or only the page that it led to: per answer and product they count once.
    private static string? KindOf(Interaction item) => item.Kind switch
    {
        InteractionKind.ProductAdded => "cart",
        InteractionKind.RecommendationClicked or InteractionKind.ProductClicked or InteractionKind.ProductViewed
            when item.RecommendationId is not null => "click",
        _ => null,
    };
}
