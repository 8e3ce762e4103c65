using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ecom.Cli.Bench.Faults;

/// <summary>
/// A seeded shop: views, carts, orders, payments, cancellations, refunds, disputes of customers and strangers; late,
/// out of order, repeated and faulty ones among them.
/// </summary>
/// <param name="seed">The same seed gives the same stream.</param>
/// <param name="events">How many there will be; the number of customers follows from it.</param>
/// <param name="rate">Events a second of the stream's own time.</param>
/// <param name="start">Time of the first.</param>
internal sealed class ShopStream(int seed, int events, int rate, DateTimeOffset start)
{
    private const string Robot = "Googlebot/2.1 (+http://www.google.com/bot.html)";

    private static readonly JsonSerializerOptions _json = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly Random _random = new(seed);
    private readonly int _customers = Math.Clamp(events / 100, 50, 2_000);
    private readonly SortedList<(int Due, int Number), Draft> _waiting = [];
    private readonly List<Draft> _orders = [];
    private readonly List<Draft> _payments = [];
    private int _index;
    private int _number;

    /// <summary>The next events; an endless stream.</summary>
    public IReadOnlyList<PlannedEvent> Take(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => Next())];

    private PlannedEvent Next()
    {
        _index++;
        var id = $"e-{_index}";
        if (_waiting.Count > 0 && _waiting.Keys[0].Due <= _index)
        {
            var draft = _waiting.Values[0];
            _waiting.RemoveAt(0);
            return Plan(id, draft);
        }

        return _random.NextDouble() < 0.015 ? Faulty(id) : Plan(id, Draw());
    }

    private Draft Draw() => _random.NextDouble() switch
    {
        < 0.60 => Browse(FactKind.View, "Product Viewed"),
        < 0.74 => Browse(FactKind.Cart, "Product Added"),
        < 0.80 => Order(),
        < 0.87 => Payment(),
        < 0.885 when _orders.Count > 0 => Cancellation(Any(_orders)),
        < 0.90 when _orders.Count > 0 => Refund(Any(_orders)),
        < 0.905 when _payments.Count > 0 => Dispute(Any(_payments)),
        < 0.925 => Identification(),
        < 0.935 when _orders.Count > 0 => Any(_orders),
        < 0.94 when _payments.Count > 0 => Any(_payments),
        < 0.95 => RobotView(),
        _ => new Draft("page", null, Page(), new { path = "/" }),
    };

    private Draft Browse(FactKind kind, string name)
    {
        var product = Product();
        return new Draft("track", name, Somebody(kind) with { Lines = [new FactLine(product, 1, 0)] }, new
        {
            product_id = product,
            quantity = kind == FactKind.Cart ? 1 : (int?)null,
            price = 9.99,
            currency = "GBP",
        });
    }

    private Draft RobotView()
    {
        var draft = Browse(FactKind.View, "Product Viewed");
        return draft with { Fact = draft.Fact with { Robot = true } };
    }

    private Draft Order()
    {
        FactLine[] lines =
        [
            .. Enumerable.Range(0, 1 + _random.Next(3)).Select(_ => Product()).Distinct()
                .Select(product => new FactLine(product, 1 + _random.Next(3), 100 + _random.Next(5_000))),
        ];
        var fact = Somebody(FactKind.Order) with
        {
            Reference = $"o-{++_number}",
            Lines = lines,
            Amount = lines.Sum(line => line.Quantity * line.Price),
        };
        var order = new Draft("track", "Order Completed", fact, new
        {
            order_id = fact.Reference,
            currency = "GBP",
            products = lines.Select(line => new
            {
                product_id = line.Product, quantity = line.Quantity, price = line.Price / 100m,
            }),
        }) { At = At(out var late) };
        order = order with { Fact = fact with { Late = late } };
        _orders.Add(order);
        if (_random.NextDouble() < 0.05)
        {
            // The cancellation overtakes its order.
            Later(order);
            return Cancellation(order);
        }

        return order;
    }

    private Draft Payment()
    {
        var ring = _random.NextDouble() < 0.15 ? _random.Next(1 + (_customers / 50)) : -1;
        var fact = Somebody(FactKind.Payment, known: true);
        fact = fact with
        {
            Reference = $"p-{++_number}",
            Amount = 100 + _random.Next(20_000),
            Device = ring < 0 ? fact.Device : $"ring-{ring}",
            Card = ring < 0 ? $"card-{fact.Customer}" : $"card-r{ring}-{_random.Next(6)}",
        };
        var payment = new Draft("track", "Payment Attempted", fact, new
        {
            payment_id = fact.Reference,
            order_id = $"of-{fact.Reference}",
            amount = fact.Amount / 100m,
            currency = "GBP",
            card_fingerprint = fact.Card,
            succeeded = _random.NextDouble() > (ring < 0 ? 0.05 : 0.5),
        }) { At = At(out var late) };
        payment = payment with
        {
            Fact = fact with { Late = late, Backfill = _random.NextDouble() < 0.03 },
        };
        _payments.Add(payment);
        if (_random.NextDouble() < 0.02)
        {
            Later(payment);
            return Dispute(payment);
        }

        return payment;
    }

    private static Draft Cancellation(Draft order) => new(
        "track",
        "Order Cancelled",
        new Fact
        {
            Kind = FactKind.Cancellation,
            Customer = order.Fact.Customer,
            Visitor = order.Fact.Visitor,
            Reference = order.Fact.Reference,
        },
        new { order_id = order.Fact.Reference });

    private Draft Refund(Draft order)
    {
        var fact = new Fact
        {
            Kind = FactKind.Refund,
            Customer = order.Fact.Customer,
            Visitor = order.Fact.Visitor,
            Reference = $"r-{++_number}",
            Amount = 1 + _random.Next(2_000),
        };
        return new Draft("track", "Order Refunded", fact, new
        {
            refund_id = fact.Reference,
            order_id = order.Fact.Reference,
            total = fact.Amount / 100m,
            currency = "GBP",
        });
    }

    private static Draft Dispute(Draft payment) => new(
        "track",
        "Payment Disputed",
        new Fact { Kind = FactKind.Dispute, Reference = payment.Fact.Reference },
        new { payment_id = payment.Fact.Reference, reason = "fraudulent" });

    // Each browser belongs to one customer, so that the order of identifications does not matter.
    private Draft Identification()
    {
        var visitor = _random.Next(_customers / 4) * 2;
        return new Draft(
            "identify",
            null,
            new Fact { Kind = FactKind.Identification, Customer = $"c-{visitor}", Visitor = $"v-{visitor}" },
            null);
    }

    private Fact Page() => Somebody(FactKind.Page);

    private Fact Somebody(FactKind kind, bool known = false)
    {
        var customer = _random.Next(_customers);
        return known || _random.NextDouble() < 0.85
            ? new Fact { Kind = kind, Customer = $"c-{customer}", Device = $"d-{customer}" }
            : new Fact { Kind = kind, Visitor = $"v-{_random.Next(_customers / 2)}" };
    }

    private void Later(Draft draft)
    {
        var due = _index + 20 + _random.Next(200);
        _waiting.Add((due, ++_number), draft);
    }

    // Most are of this instant, some are out of order, a few come days late.
    private DateTimeOffset At(out bool late)
    {
        var now = start.AddSeconds((double)_index / rate);
        var draw = _random.NextDouble();
        late = draw < 0.02;
        return late ? now.AddDays(-2 - (_random.NextDouble() * 18))
            : draw < 0.10 ? now.AddSeconds(-_random.NextDouble() * 120)
            : now.AddSeconds(-_random.NextDouble());
    }

    private PlannedEvent Plan(string id, Draft draft)
    {
        var fact = draft.Fact;
        var at = draft.At;
        if (at is null)
        {
            at = At(out var late);
            fact = fact with { Late = late };
        }

        return new PlannedEvent(id, JsonSerializer.SerializeToUtf8Bytes(new
        {
            type = draft.Type,
            @event = draft.Name,
            messageId = id,
            userId = fact.Customer,
            anonymousId = fact.Visitor,
            timestamp = at,
            context = new
            {
                ip = fact.Device is { } from ? Address(from) : null,
                device = fact.Device is null ? null : new { id = fact.Device },
                userAgent = fact.Robot ? Robot : null,
                backfill = fact.Backfill ? true : (bool?)null,
            },
            properties = draft.Properties,
        }, _json), fact);
    }

    private PlannedEvent Faulty(string id)
    {
        object faulty = _random.Next(4) switch
        {
            0 => new
            {
                type = "track", @event = "Product Viewed", messageId = id, properties = new { product_id = "x" },
            },
            1 => new { type = "track", @event = "Nothing Known", messageId = id, userId = "c-1" },
            2 => new { type = "track", @event = "Order Completed", messageId = id, userId = "c-1" },
            _ => new
            {
                type = "track", @event = "Product Viewed", messageId = id, userId = "c-1", timestamp = "yesterday",
                properties = new { product_id = "x" },
            },
        };
        return new PlannedEvent(id, JsonSerializer.SerializeToUtf8Bytes(faulty), null);
    }

    // Each device has an address of its own: else everybody would be suspicious.
    private static string Address(string device)
    {
        var number = int.Parse(device.AsSpan(device.IndexOf('-') + 1), CultureInfo.InvariantCulture);
        return $"198.{(device[0] == 'r' ? 19 : 18)}.{number / 250}.{1 + (number % 250)}";
    }

    private string Product() => $"product-{_random.Next(200)}";

    private Draft Any(List<Draft> drafts) => drafts[_random.Next(drafts.Count)];

    // What is drawn before it is sent; one with a time of its own is the same whenever it is sent again.
    private sealed record Draft(string Type, string? Name, Fact Fact, object? Properties)
    {
        public DateTimeOffset? At { get; init; }
    }
}
