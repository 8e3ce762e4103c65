using System.Text.Json;

namespace Ecom.Cli.Bench;

/// <summary>An entity as a read of features names it.</summary>
internal sealed record EntityAsked(string Entity, string Id);

/// <summary>A year of made-up customers: several hundred tiles of state each.</summary>
/// <param name="run">Marks the run in every id.</param>
internal sealed class BenchHistory(string run)
{
    private const int Orders = 60;
    private const int Views = 120;
    private const int Carts = 40;
    private const int Payments = 8;

    /// <summary>The customer with a number.</summary>
    public EntityAsked Customer(int number) => new("customer", $"history-{run}-{number}");

    /// <summary>A customer and the session, device, address, card and product of its payments.</summary>
    /// <remarks>
    /// Address and card are stored under keyed hashes that nobody outside knows: these two are read, but empty.
    /// </remarks>
    public IReadOnlyList<EntityAsked> PaymentOf(int number) =>
    [
        Customer(number),
        new("session", $"session-{run}-{number}"),
        new("device", $"device-{run}-{number}"),
        new("ip", $"ip-{run}-{number}"),
        new("card", $"card-{run}-{number}"),
        new("product", Product(number)),
    ];

    /// <summary>All events of so many customers, as JSON; they raise nothing elsewhere.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Events(int customers, DateTimeOffset now) =>
        Enumerable.Range(0, customers).SelectMany(customer => EventsOf(customer, now));

    private IEnumerable<ReadOnlyMemory<byte>> EventsOf(int customer, DateTimeOffset now)
    {
        for (var index = 0; index < Views; index++)
        {
            yield return Event(customer, "Product Viewed", index, now.AddHours(-1 - (index * 5)), new
            {
                product_id = Product(customer + index), price = 9.99, currency = "GBP",
            });
        }

        for (var index = 0; index < Carts; index++)
        {
            yield return Event(customer, "Product Added", index, now.AddHours(-1 - (index * 17)), new
            {
                product_id = Product(customer + index), price = 9.99, quantity = 1, currency = "GBP",
            });
        }

        for (var index = 0; index < Orders; index++)
        {
            yield return Event(customer, "Order Completed", index, now.AddDays(-index * 6).AddHours(-1), new
            {
                order_id = $"order-{run}-{customer}-{index}",
                currency = "GBP",
                products = new[]
                {
                    new { product_id = Product(customer + index), price = 9.99, quantity = 1 },
                    new { product_id = Product(customer + index + 31), price = 4.99, quantity = 2 },
                },
            });
        }

        for (var index = 0; index < Payments; index++)
        {
            yield return Event(customer, "Payment Attempted", index, now.AddHours(-1 - (index * 3)), new
            {
                payment_id = $"payment-{run}-{customer}-{index}",
                amount = 19.97,
                currency = "GBP",
                card_fingerprint = $"card-{run}-{customer}",
                succeeded = true,
            });
        }
    }

    private ReadOnlyMemory<byte> Event(int customer, string name, int index, DateTimeOffset at, object properties) =>
        JsonSerializer.SerializeToUtf8Bytes(new
        {
            type = "track",
            @event = name,
            messageId = $"{run}-{customer}-{name}-{index}",
            userId = Customer(customer).Id,
            timestamp = ViewBatch.EventTime(at),
            context = new
            {
                backfill = true,
                sessionId = $"session-{run}-{customer}",
                device = new { id = $"device-{run}-{customer}" },
            },
            properties,
        });

    private static string Product(int number) => $"bench-{number % 100:D3}";
}
