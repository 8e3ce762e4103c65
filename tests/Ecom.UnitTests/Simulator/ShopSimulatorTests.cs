using System.Text.Json;
using Ecom.Simulator;

namespace Ecom.UnitTests.Simulator;

public sealed class ShopSimulatorTests
{
    private static readonly DateTimeOffset _end = new(2026, 6, 3, 12, 0, 0, TimeSpan.Zero);

    private static readonly Lazy<ShopHistory> _shop = new(() => ShopSimulator.Generate(new ShopOptions(), _end));

    private static readonly HashSet<string> _names =
    [
        "Product Viewed", "Product Clicked", "Product Added", "Product Removed", "Product Added to Wishlist",
        "Product Reviewed", "Products Searched", "Product List Viewed", "Cart Viewed", "Checkout Started",
        "Order Completed", "Order Refunded", "Order Cancelled", "Payment Attempted", "Payment Disputed",
        "Recommendation Shown", "Recommendation Clicked",
    ];

    private static IEnumerable<JsonElement> Named(ShopHistory shop, string name) =>
        shop.Events.Where(e => e.Name == name).Select(e => e.Parse());

    private static string? PaymentId(JsonElement e) =>
        e.GetProperty("properties").GetProperty("payment_id").GetString();

    private static FraudPayment? Fraud(JsonElement payment) =>
        _shop.Value.Truth.FraudPayments.GetValueOrDefault(PaymentId(payment)!);

    private static bool Backfilled(ShopEvent e) =>
        e.Parse().GetProperty("context").TryGetProperty("backfill", out var backfill) && backfill.GetBoolean();

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_does_not()
    {
        var options = new ShopOptions { Customers = 60, Products = 60, Days = 30, Seed = 5 };

        var first = ShopSimulator.Generate(options, _end);
        var second = ShopSimulator.Generate(options, _end);
        var other = ShopSimulator.Generate(options with { Seed = 6 }, _end);

        Assert.Equal(Text(first), Text(second));
        Assert.NotEqual(Text(first), Text(other));

        static string Text(ShopHistory shop) => string.Join('\n', shop.Events.Select(e => e.Parse().GetRawText()));
    }

    [Fact]
    public void A_default_history_has_the_promised_size()
    {
        Assert.InRange(_shop.Value.Events.Count, 40_000, 80_000);
        Assert.Equal(200, _shop.Value.Products.Count);
        Assert.Equal(200, _shop.Value.Catalogue.Count);
        Assert.True(_shop.Value.Products.Select(p => p.Category).Distinct().Count() >= 10);
    }

    [Fact]
    public void Events_are_in_order_of_time_within_the_history_and_have_unique_ids()
    {
        var events = _shop.Value.Events;

        Assert.All(events, e => Assert.InRange(e.At, _end.AddDays(-180), _end));
        Assert.Equal(events.Select(e => e.At).Order(), events.Select(e => e.At));
        Assert.Equal(events.Count, events.Select(e => e.MessageId).Distinct().Count());
    }

    [Fact]
    public void Every_event_obeys_the_envelope()
    {
        var live = ShopSimulator.OnTop(_shop.Value.AsImportedShop(), new OnTopOptions(), _end);
        var events = _shop.Value.Events.Concat(live.Events).ToArray();
        foreach (var e in events)
        {
            var json = e.Parse();
            Assert.Contains(json.GetProperty("type").GetString(), new[] { "track", "identify", "page" });
            Assert.Equal(e.MessageId, json.GetProperty("messageId").GetString());
            Assert.Equal(e.At, json.GetProperty("timestamp").GetDateTimeOffset());
            Assert.Equal(e.CustomerId, json.TryGetProperty("userId", out var user) ? user.GetString() : null);
            Assert.NotEmpty(json.GetProperty("anonymousId").GetString()!);
            var context = json.GetProperty("context");
            Assert.NotEmpty(context.GetProperty("ip").GetString()!);
            Assert.NotEmpty(context.GetProperty("sessionId").GetString()!);
            Assert.NotEmpty(context.GetProperty("device").GetProperty("id").GetString()!);
            if (e.Type == "track")
            {
                Assert.Contains(json.GetProperty("event").GetString()!, _names);
                Assert.Equal(JsonValueKind.Object, json.GetProperty("properties").ValueKind);
            }
        }

        Assert.Equal(_names, events.Where(e => e.Type == "track").Select(e => e.Name).ToHashSet());
        Assert.All(_shop.Value.Events, e => Assert.True(Backfilled(e)));
        Assert.All(live.Events, e => Assert.False(Backfilled(e)));
    }

    [Fact]
    public void Totals_of_orders_are_the_sums_of_their_lines()
    {
        Assert.All(Named(_shop.Value, "Order Completed"), order =>
        {
            var properties = order.GetProperty("properties");
            Assert.Equal(
                properties.GetProperty("total").GetDecimal(),
                properties.GetProperty("products").EnumerateArray().Sum(line =>
                    line.GetProperty("price").GetDecimal() * line.GetProperty("quantity").GetInt32()));
        });
    }

    [Fact]
    public void Planted_pairs_are_bought_together_far_more_often_than_by_chance()
    {
        var baskets = Named(_shop.Value, "Order Completed")
            .Select(order => order.GetProperty("properties").GetProperty("products").EnumerateArray()
                .Select(line => line.GetProperty("product_id").GetString()!).ToHashSet())
            .ToArray();

        var lifts = _shop.Value.Truth.Pairs.Select(pair =>
        {
            double first = baskets.Count(basket => basket.Contains(pair.First));
            double second = baskets.Count(basket => basket.Contains(pair.Second));
            double both = baskets.Count(basket => basket.Contains(pair.First) && basket.Contains(pair.Second));
            return both * baskets.Length / (first * second);
        }).ToArray();

        Assert.Equal(15, lifts.Length);
        Assert.All(lifts, lift => Assert.True(lift > 5, $"lift {lift}"));
    }

    [Fact]
    public void Weekends_are_busier_than_the_middle_of_the_week()
    {
        var visits = _shop.Value.Events.Where(e => e.Name == "Product Viewed").GroupBy(e => e.At.DayOfWeek)
            .ToDictionary(group => group.Key, group => (double)group.Count());

        Assert.True(visits[DayOfWeek.Saturday] > 1.25 * visits[DayOfWeek.Tuesday]);
        Assert.True(visits[DayOfWeek.Sunday] > 1.1 * visits[DayOfWeek.Wednesday]);
    }

    [Fact]
    public void Rings_share_one_device_among_their_accounts_within_hours()
    {
        var truth = _shop.Value.Truth;
        var payments = Named(_shop.Value, "Payment Attempted").ToArray();

        Assert.Equal(4, truth.Rings.Count(ring => ring.Kind == FraudKind.Ring));
        Assert.Equal(3, truth.Rings.Count(ring => ring.Kind == FraudKind.CardTesting));
        foreach (var ring in truth.Rings.Where(ring => ring.Kind != FraudKind.DeviceFarm))
        {
            var own = payments.Where(payment => Fraud(payment)?.Ring == ring.Ring).ToArray();
            Assert.InRange(ring.Until - ring.From, TimeSpan.Zero, TimeSpan.FromHours(6));
            Assert.All(own, payment => Assert.Equal(
                ring.DeviceId, payment.GetProperty("context").GetProperty("device").GetProperty("id").GetString()));
            if (ring.Kind == FraudKind.Ring)
            {
                Assert.InRange(ring.Accounts.Count, 6, 12);
                Assert.Equal(
                    ring.Accounts.ToHashSet(), own.Select(p => p.GetProperty("userId").GetString()!).ToHashSet());
            }
            else
            {
                Assert.InRange(own.Length, 20, 50);
                Assert.Equal(own.Length, own.Select(Card).Distinct().Count());
            }
        }

        static string? Card(JsonElement payment) =>
            payment.GetProperty("properties").GetProperty("card_fingerprint").GetString();
    }

    [Fact]
    public void A_device_farm_shares_an_address_and_few_cards_but_no_device()
    {
        var farm = Assert.Single(_shop.Value.Truth.Rings, ring => ring.Kind == FraudKind.DeviceFarm);
        var own = Named(_shop.Value, "Payment Attempted").Where(payment => Fraud(payment)?.Ring == farm.Ring).ToArray();

        Assert.Null(farm.DeviceId);
        Assert.InRange(farm.Accounts.Count, 8, 15);
        Assert.Equal(farm.Accounts.ToHashSet(), own.Select(p => p.GetProperty("userId").GetString()!).ToHashSet());
        Assert.Equal(own.Length, own.Select(p => Context(p).GetProperty("device").GetProperty("id").GetString())
            .Distinct().Count());
        Assert.Equal([farm.Ip], own.Select(p => Context(p).GetProperty("ip").GetString()).Distinct());
        Assert.InRange(own.Select(p => p.GetProperty("properties").GetProperty("card_fingerprint").GetString())
            .Distinct().Count(), 2, 3);

        static JsonElement Context(JsonElement payment) => payment.GetProperty("context");
    }

    [Fact]
    public void Honest_customers_share_addresses_of_homes_and_offices_and_some_a_device_or_a_card()
    {
        var payments = Named(_shop.Value, "Payment Attempted").Where(payment => Fraud(payment) is null).ToArray();
        var (homes, offices) = (_shop.Value.Truth.SharedPlaces.Where(place => !place.IsOffice).ToArray(),
            _shop.Value.Truth.SharedPlaces.Where(place => place.IsOffice).ToArray());

        Assert.InRange(homes.Length, 50, 120);
        Assert.All(homes, home => Assert.InRange(home.Customers.Count, 1, 4));
        Assert.InRange(offices.Length, 10, 16);
        Assert.All(offices, office => Assert.InRange(office.Customers.Count, 4, 20));
        foreach (var place in _shop.Value.Truth.SharedPlaces)
        {
            Assert.Subset(place.Customers.ToHashSet(), Customers(payment =>
                payment.GetProperty("context").GetProperty("ip").GetString() == place.Ip));
        }

        Assert.Contains(offices, office => Customers(payment =>
            payment.GetProperty("context").GetProperty("ip").GetString() == office.Ip).Count > 3);
        Assert.InRange(Shared(p => p.GetProperty("context").GetProperty("device").GetProperty("id")), 5, 40);
        Assert.InRange(Shared(p => p.GetProperty("properties").GetProperty("card_fingerprint")), 3, 30);

        HashSet<string> Customers(Func<JsonElement, bool> which) =>
            [.. payments.Where(which).Select(payment => payment.GetProperty("userId").GetString()!)];

        int Shared(Func<JsonElement, JsonElement> what) => payments
            .GroupBy(payment => what(payment).GetString())
            .Count(same => same.Select(payment => payment.GetProperty("userId").GetString()).Distinct().Count() > 1);
    }

    [Fact]
    public void Every_kind_of_fraud_is_committed_and_known() =>
        Assert.Equal(
            Enum.GetValues<FraudKind>(),
            _shop.Value.Truth.FraudPayments.Values.Select(fraud => fraud.Kind).Distinct().Order());

    [Fact]
    public void A_friendly_fraud_is_paid_with_the_customers_own_card_and_device()
    {
        var payments = Named(_shop.Value, "Payment Attempted").ToArray();
        var friendly = payments.Where(payment => Fraud(payment)?.Kind == FraudKind.Friendly).ToArray();

        Assert.NotEmpty(friendly);
        Assert.All(friendly, fraud => Assert.Contains(payments, payment =>
            Fraud(payment) is null && Card(payment) == Card(fraud)
            && payment.GetProperty("userId").GetString() == fraud.GetProperty("userId").GetString()));

        static string? Card(JsonElement payment) =>
            payment.GetProperty("properties").GetProperty("card_fingerprint").GetString();
    }

    [Fact]
    public void Disputes_come_days_after_payments_and_mostly_name_frauds()
    {
        var paidAt = _shop.Value.Events.Where(e => e.Name == "Payment Attempted")
            .ToDictionary(e => e.Parse().GetProperty("properties").GetProperty("payment_id").GetString()!, e => e.At);
        var disputes = _shop.Value.Events.Where(e => e.Name == "Payment Disputed").ToArray();

        Assert.NotEmpty(disputes);
        Assert.All(disputes, e =>
        {
            var properties = e.Parse().GetProperty("properties");
            var payment = properties.GetProperty("payment_id").GetString()!;
            Assert.True(e.At - paidAt[payment] > TimeSpan.FromDays(9));
            Assert.Equal(properties.GetProperty("reason").GetString() == "fraudulent",
                _shop.Value.Truth.FraudPayments.ContainsKey(payment));
        });
    }

    [Fact]
    public void Churned_customers_do_not_come_back_and_every_kind_exists()
    {
        var truth = _shop.Value.Truth;

        Assert.Equal(Enum.GetValues<CustomerKind>(), truth.CustomerKinds.Values.Distinct().Order());
        Assert.NotEmpty(truth.ChurnedAt);
        Assert.DoesNotContain(Named(_shop.Value, "Payment Attempted"), payment =>
            Fraud(payment) is null
            && truth.ChurnedAt.TryGetValue(payment.GetProperty("userId").GetString()!, out var left)
            && payment.GetProperty("timestamp").GetDateTimeOffset() > left.AddHours(2));
    }

    [Fact]
    public void Weekly_demand_is_what_genuine_orders_contain()
    {
        var truth = _shop.Value.Truth;
        var fraudulent = Named(_shop.Value, "Payment Attempted")
            .Where(payment => Fraud(payment) is { Kind: not FraudKind.CardTesting })
            .Select(payment => payment.GetProperty("properties").GetProperty("order_id").GetString())
            .ToHashSet();
        var ordered = Named(_shop.Value, "Order Completed").Select(o => o.GetProperty("properties"))
            .Where(o => !fraudulent.Contains(o.GetProperty("order_id").GetString()))
            .SelectMany(o => o.GetProperty("products").EnumerateArray())
            .Sum(line => line.GetProperty("quantity").GetInt32());

        Assert.Equal(ordered, truth.WeeklyDemand.Values.Sum());
        Assert.All(truth.WeeklyDemand.Keys, key => Assert.Equal(DayOfWeek.Monday, key.Week.DayOfWeek));
    }

    [Fact]
    public void On_top_of_an_imported_shop_only_its_products_and_customers_appear_besides_criminals()
    {
        var shop = new ImportedShop
        {
            Products = [.. Enumerable.Range(1, 50).Select(i =>
                new ShopProduct { ProductId = $"{85000 + i}A", Price = i, Popularity = i })],
            CustomerIds = [.. Enumerable.Range(1, 40).Select(i => $"{12000 + i}")],
        };

        var live = ShopSimulator.OnTop(shop, new OnTopOptions { VisitsPerDay = 200 }, _end);

        Assert.Equal(50, live.Catalogue.Count);
        Assert.Contains(live.Products, product => product.Stock > 0);
        Assert.Single(live.Truth.Rings, ring => ring.Kind == FraudKind.Ring);
        Assert.Contains(live.Events, e => e.Name == "Recommendation Clicked");
        Assert.All(live.Events, e => Assert.InRange(e.At, _end.AddDays(-2), _end));
        var products = shop.Products.Select(product => product.ProductId).ToHashSet();
        Assert.All(Named(live, "Product Viewed"), view => Assert.Contains(
            view.GetProperty("properties").GetProperty("product_id").GetString()!, products));
        var known = shop.CustomerIds.ToHashSet();
        Assert.All(live.Events.Where(e => e.CustomerId is not null), e =>
            Assert.True(known.Contains(e.CustomerId!) || e.CustomerId!.StartsWith("x-", StringComparison.Ordinal)));
    }
}
