using Ecom.Contracts;
using Ecom.Contracts.Behaviour;
using Ecom.Contracts.Customers;
using Ecom.Contracts.Orders;

namespace Ecom.IntegrationTests.Profiling;

/// <summary>Messages of ingestion, as short as tests read well.</summary>
internal static class ShopMessages
{
    public static OrderPlaced Order(
        string orderId,
        string? customer,
        DateTimeOffset at,
        long pounds = 10,
        bool backfill = false,
        bool bot = false,
        params string[] products) => new()
    {
        EventId = Guid.NewGuid(),
        OrderId = orderId,
        CustomerId = customer,
        Lines = [.. products.DefaultIfEmpty("tea").Select(product => new OrderLine
        {
            ProductId = product,
            Quantity = 1,
            UnitPrice = Pounds(pounds),
        })],
        Total = Pounds(pounds),
        Source = new Source { IsBot = bot },
        PlacedAt = at,
        ReceivedAt = at,
        Backfill = backfill,
        PartitionKey = customer ?? orderId,
    };

    public static OrderCancelled Cancellation(string orderId, string? customer, DateTimeOffset at) => new()
    {
        EventId = Guid.NewGuid(),
        OrderId = orderId,
        CustomerId = customer,
        CancelledAt = at,
        ReceivedAt = at,
        PartitionKey = customer ?? orderId,
    };

    public static OrderRefunded Refund(string refundId, string orderId, string customer, DateTimeOffset at) => new()
    {
        EventId = Guid.NewGuid(),
        RefundId = refundId,
        OrderId = orderId,
        CustomerId = customer,
        Lines = [],
        Total = Pounds(3),
        RefundedAt = at,
        ReceivedAt = at,
        PartitionKey = customer,
    };

    public static InteractionsRecorded Visit(string customer, DateTimeOffset at, bool bot = false) => new()
    {
        Interactions =
        [
            .. new[] { InteractionKind.ProductViewed, InteractionKind.ProductViewed, InteractionKind.ProductAdded }
                .Select(kind => new Interaction
                {
                    EventId = Guid.NewGuid(),
                    Kind = kind,
                    CustomerId = customer,
                    ProductId = "tea",
                    Source = new Source { IsBot = bot },
                    OccurredAt = at,
                    ReceivedAt = at,
                    PartitionKey = customer,
                }),
        ],
    };

    public static CustomerIdentified Identified(string customer, string country, DateTimeOffset at) => new()
    {
        EventId = Guid.NewGuid(),
        CustomerId = customer,
        Country = country,
        Source = new Source(),
        IdentifiedAt = at,
        ReceivedAt = at,
        PartitionKey = customer,
    };

    public static CustomerErased Erased(string customer, DateTimeOffset at) => new()
    {
        EventId = Guid.NewGuid(),
        CustomerId = customer,
        RequestedAt = at,
        PartitionKey = customer,
    };

    private static Money Pounds(long amount) => new()
    {
        Amount = amount * 100,
        Currency = "GBP",
        BaseAmount = amount * 100,
        BaseCurrency = "GBP",
    };
}
