using Ecom.Contracts;
using Ecom.Contracts.Behaviour;
using Ecom.Contracts.Customers;
using Ecom.Contracts.Orders;
using Ecom.Contracts.Payments;

namespace Ecom.IntegrationTests.FeatureStore;

/// <summary>Contract messages for tests; each call gives new event ids.</summary>
internal static class ShopMessages
{
    public static Money Pounds(long pence) =>
        new() { Amount = pence, Currency = "GBP", BaseAmount = pence, BaseCurrency = "GBP" };

    public static Interaction Viewed(
        DateTimeOffset at, string? customer, string product, string? anonymous = null, string? session = null) => new()
        {
            EventId = Guid.NewGuid(),
            Kind = InteractionKind.ProductViewed,
            CustomerId = customer,
            AnonymousId = anonymous,
            ProductId = product,
            Source = new Source { SessionId = session, DeviceId = "d-" + (customer ?? anonymous) },
            OccurredAt = at,
            ReceivedAt = at,
            PartitionKey = customer ?? anonymous!,
        };

    public static OrderPlaced Order(DateTimeOffset at, string? customer, params (string Product, int Units)[] lines) =>
        new()
        {
            EventId = Guid.NewGuid(),
            OrderId = Guid.NewGuid().ToString("N"),
            CustomerId = customer,
            Lines = [.. lines.Select(line => new OrderLine
            {
                ProductId = line.Product,
                Quantity = line.Units,
                UnitPrice = Pounds(250),
            })],
            Total = Pounds(lines.Sum(line => 250L * line.Units)),
            Source = new Source(),
            PlacedAt = at,
            ReceivedAt = at,
            PartitionKey = customer ?? "none",
        };

    public static PaymentAttempted Payment(
        DateTimeOffset at, string customer, string card, string device, bool? succeeded = true) => new()
        {
            EventId = Guid.NewGuid(),
            PaymentId = Guid.NewGuid().ToString("N"),
            CustomerId = customer,
            Amount = Pounds(1_000),
            CardHash = card,
            Succeeded = succeeded,
            Source = new Source { DeviceId = device, IpHash = "ip-" + device },
            AttemptedAt = at,
            ReceivedAt = at,
            PartitionKey = customer,
        };

    public static PaymentDisputed Dispute(DateTimeOffset at, string payment) => new()
    {
        EventId = Guid.NewGuid(),
        PaymentId = payment,
        DisputedAt = at,
        ReceivedAt = at,
        PartitionKey = payment,
    };

    public static CustomerIdentified Identified(DateTimeOffset at, string customer, string anonymous) => new()
    {
        EventId = Guid.NewGuid(),
        CustomerId = customer,
        AnonymousId = anonymous,
        Source = new Source(),
        IdentifiedAt = at,
        ReceivedAt = at,
        PartitionKey = customer,
    };
}
