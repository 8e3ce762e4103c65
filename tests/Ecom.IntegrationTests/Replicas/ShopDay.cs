using Ecom.Contracts;
using Ecom.Contracts.Behaviour;
using Ecom.Contracts.Catalogue;
using Ecom.Contracts.Customers;
using Ecom.Contracts.Orders;
using Ecom.Contracts.Payments;

namespace Ecom.IntegrationTests.Replicas;

/// <summary>Messages of a made-up day, the same for the same instant, with how many services consume each.</summary>
internal static class ShopDay
{
    private const int Customers = 15;
    private const int Products = 12;
    private const int Seed = 7;

    /// <returns>Message ids, messages and the number of consuming services.</returns>
    public static IReadOnlyList<(Guid Id, object Message, int Consumers)> Of(DateTimeOffset now)
    {
        var random = new Random(Seed);
        var messages = new List<(Guid Id, object Message, int Consumers)>();
        for (var n = 0; n < 60; n++)
        {
            Add(Views(n, random, now), consumers: 4);
            Add(Order(Id(2, n), n, random, now), consumers: 5);
        }

        for (var n = 0; n < 40; n++)
        {
            Add(Payment(Id(3, n), n, random, now), consumers: 2);
            Add(Product(Id(4, n), n, random, now), consumers: 4);
        }

        for (var n = 0; n < Customers; n++)
        {
            Add(Identified(Id(5, n), n, now), consumers: 4);
            Add(Refund(Id(6, n), n, now), consumers: 2);
        }

        // Every third comes twice, and all come in a disorder of their own.
        return [.. messages.Concat(messages.Where((_, n) => n % 3 == 0)).OrderBy(_ => random.Next())];

        void Add(object message, int consumers) => messages.Add((Id(0, messages.Count), message, consumers));
    }

    private static Guid Id(short kind, int number) => new(number, kind, 0, new byte[8]);

    private static InteractionsRecorded Views(int number, Random random, DateTimeOffset now) => new()
    {
        Interactions =
        [
            .. Enumerable.Range(0, 15).Select(index => View(Id(1, (number * 100) + index), random, now)),
        ],
    };

    private static Interaction View(Guid id, Random random, DateTimeOffset now)
    {
        var customer = $"c{random.Next(Customers)}";
        var at = now.AddMinutes(-random.Next(10, 50_000));
        return new Interaction
        {
            EventId = id,
            Kind = random.Next(4) == 0 ? InteractionKind.ProductAdded : InteractionKind.ProductViewed,
            CustomerId = customer,
            ProductId = $"p{random.Next(Products)}",
            Quantity = 1,
            Source = new Source { SessionId = "s-" + customer, DeviceId = "d-" + customer },
            OccurredAt = at,
            ReceivedAt = now,
            PartitionKey = customer,
        };
    }

    private static OrderPlaced Order(Guid id, int number, Random random, DateTimeOffset now)
    {
        var customer = $"c{random.Next(Customers)}";
        var units = random.Next(1, 4);
        return new OrderPlaced
        {
            EventId = id,
            OrderId = $"o{number}",
            CustomerId = customer,
            Lines =
            [
                new OrderLine { ProductId = $"p{random.Next(Products)}", Quantity = units, UnitPrice = Pounds(250) },
            ],
            Total = Pounds(250 * units),
            Source = new Source(),
            PlacedAt = now.AddMinutes(-random.Next(10, 50_000)),
            ReceivedAt = now,
            PartitionKey = customer,
        };
    }

    private static PaymentAttempted Payment(Guid id, int number, Random random, DateTimeOffset now)
    {
        var customer = $"c{random.Next(Customers)}";
        return new PaymentAttempted
        {
            EventId = id,
            PaymentId = $"pay{number}",
            CustomerId = customer,
            Amount = Pounds(1_000),
            CardHash = $"card{random.Next(20)}",
            Succeeded = random.Next(5) > 0,
            Source = new Source { DeviceId = "d-" + customer, IpHash = $"ip{random.Next(6)}" },
            AttemptedAt = now.AddMinutes(-random.Next(10, 1_000)),
            ReceivedAt = now,
            PartitionKey = customer,
        };
    }

    private static ProductChanged Product(Guid id, int number, Random random, DateTimeOffset now) => new()
    {
        EventId = id,
        ProductId = $"p{number % Products}",
        Version = number,
        Name = $"Product {number}",
        Price = Pounds(250),
        Stock = random.Next(100),
        ChangedAt = now.AddMinutes(-1_000 + number),
        ReceivedAt = now,
        PartitionKey = $"p{number % Products}",
    };

    private static CustomerIdentified Identified(Guid id, int number, DateTimeOffset now) => new()
    {
        EventId = id,
        CustomerId = $"c{number}",
        AnonymousId = $"a{number}",
        Source = new Source(),
        IdentifiedAt = now.AddMinutes(-number - 10),
        ReceivedAt = now,
        PartitionKey = $"c{number}",
    };

    private static OrderRefunded Refund(Guid id, int number, DateTimeOffset now) => new()
    {
        EventId = id,
        RefundId = $"r{number}",
        OrderId = $"o{number}",
        CustomerId = $"c{number}",
        Lines = [new OrderLine { ProductId = $"p{number % Products}", Quantity = 1, UnitPrice = Pounds(250) }],
        Total = Pounds(250),
        RefundedAt = now.AddMinutes(-number - 10),
        ReceivedAt = now,
        PartitionKey = $"c{number}",
    };

    private static Money Pounds(long pence) =>
        new() { Amount = pence, Currency = "GBP", BaseAmount = pence, BaseCurrency = "GBP" };
}
