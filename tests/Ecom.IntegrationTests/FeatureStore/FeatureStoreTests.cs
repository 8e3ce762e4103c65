using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Ecom.Contracts.Behaviour;
using Ecom.Contracts.Customers;
using Ecom.FeatureStore.Definitions;
using Ecom.Features;
using Ecom.Features.Online;
using Ecom.ServiceDefaults.Keys;
using Ecom.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace Ecom.IntegrationTests.FeatureStore;

/// <summary>The service over the real bus; every test has customers, products, cards of its own.</summary>
public sealed class FeatureStoreTests(FeatureStoreFixture fixture) : IClassFixture<FeatureStoreFixture>
{
    private static readonly DateTimeOffset _now = FeatureStoreFixture.Now;
    private readonly HttpClient _client = fixture.First.CreateClient(Scopes.Admin);

    [Fact]
    public async Task An_event_becomes_a_feature_in_redis()
    {
        await PublishAsync(
            ShopMessages.Viewed(_now.AddMinutes(-30), "c1", "p1", session: "s1"),
            ShopMessages.Viewed(_now.AddMinutes(-20), "c1", "p2", session: "s1"));
        await PublishAsync(ShopMessages.Order(_now.AddDays(-3), "c1", ("p1", 2), ("p2", 1)));

        await WaitForAsync("customer", "c1", "customer_orders_30d", 1);
        await WaitForAsync("customer", "c1", "customer_views_1h", 2);
        await fixture.QuiesceAsync();
        Assert.Equal(750, await NumberAsync("customer", "c1", "customer_spend_30d"));
        Assert.Equal(3 * 86400, await NumberAsync("customer", "c1", "customer_since_order_365d"));
        Assert.Equal(2, await NumberAsync("product", "p1", "product_units_30d"));
        Assert.Equal(2, await NumberAsync("session", "s1", "session_views_1d"));
        var last = await FeatureAsync("customer", "c1", "customer_last_viewed_30d");
        Assert.Equal("p2", last.GetProperty("value").GetString());
        Assert.Equal(_now.AddMinutes(-20), last.GetProperty("eventAt").GetDateTimeOffset());
        var refunds = await FeatureAsync("customer", "c1", "customer_refunds_90d");
        Assert.True(refunds.GetProperty("isDefault").GetBoolean());
    }

    [Fact]
    public async Task Messages_redelivered_and_out_of_order_count_once()
    {
        var newer = ShopMessages.Order(_now.AddDays(-1), "c2", ("p3", 1));
        var older = ShopMessages.Order(_now.AddDays(-2), "c2", ("p3", 2));

        await PublishAsync(newer);
        await PublishAsync(older);
        await PublishAsync(newer);
        await PublishAsync(older);
        await PublishAsync(ShopMessages.Order(_now.AddDays(-3), "c2", ("p3", 4)));

        await WaitForAsync("customer", "c2", "customer_orders_30d", 3);
        await fixture.QuiesceAsync();
        Assert.Equal(3, await NumberAsync("customer", "c2", "customer_orders_30d"));
        Assert.Equal(7 * 250, await NumberAsync("customer", "c2", "customer_spend_30d"));
        Assert.Equal(86400, await NumberAsync("customer", "c2", "customer_since_order_365d"));
        Assert.Equal(7, await NumberAsync("product", "p3", "product_units_30d"));
        Assert.Equal(6, await CountAsync("select count(*) from shop_events where customer = 'c2'"));
    }

    [Fact]
    public async Task Two_replicas_give_what_one_fold_gives()
    {
        var random = new Random(7);
        var messages = Enumerable.Range(0, 120).Select(i => new InteractionsRecorded
        {
            Interactions = [.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => ShopMessages.Viewed(
                _now.AddMinutes(-random.Next(60 * 24 * 20)), $"r{random.Next(6)}", $"rp{random.Next(9)}"))],
        }).Select(message => (Id: Guid.NewGuid(), Message: message)).ToArray();
        var deliveries = messages.Concat(messages.Take(60)).ToArray();
        random.Shuffle(deliveries);

        await Task.WhenAll(deliveries.Select(each => fixture.PublishAsync(each.Id, each.Message)));
        var expected = new Dictionary<EntityKey, EntityState>();
        var set = ShopFeatures.Set;
        foreach (var delta in messages.SelectMany(each => set.Fold(each.Id, ShopEvents.From(each.Message))))
        {
            expected.TryAdd(delta.Entity, new EntityState(set, delta.Entity.Kind));
            expected[delta.Entity].Apply(delta);
        }

        var total = messages.Sum(each => each.Message.Interactions.Count);
        await Eventually.ReadAsync(
            () => CountAsync("select count(*) from shop_events where product like 'rp%'"), count => count == total);
        await fixture.QuiesceAsync();

        var online = fixture.First.Services.GetRequiredService<OnlineFeatures>().Active;
        Assert.Equal(6 + 9, expected.Count);
        foreach (var (entity, state) in expected)
        {
            Assert.Equal(state.Fields(), (await online.ReadStoredAsync(entity, default)).Fields());
        }
    }

    [Fact]
    public async Task An_online_value_equals_the_training_row_of_the_same_instant()
    {
        var random = new Random(3);
        for (var i = 0; i < 40; i++)
        {
            var at = _now.AddMinutes(-1 - random.Next(60 * 24 * 400));
            await PublishAsync(ShopMessages.Order(at, "c3", ($"p{random.Next(5)}", 1 + random.Next(4))));
            await PublishAsync(
                ShopMessages.Viewed(at, i % 2 == 0 ? "c3" : null, $"p{random.Next(5)}", anonymous: "a3"));
        }

        await PublishAsync(ShopMessages.Identified(_now.AddDays(-100), "c3", "a3"));
        await Eventually.ReadAsync(
            () => CountAsync("select count(*) from shop_events where customer = 'c3' or anonymous = 'a3'"),
            count => count == 121);
        await fixture.QuiesceAsync();

        var online = (await ReadAsync("customer", "c3")).GetProperty("features").EnumerateArray()
            .ToDictionary(f => f.GetProperty("name").GetString()!, f => f.GetProperty("value").ToString());
        var rows = await TrainingRowsAsync(new { entity = "customer", rows = new[] { new { id = "c3", at = _now } } });
        var offline = rows.Single().GetProperty("features").EnumerateObject()
            .ToDictionary(f => f.Name, f => f.Value.ToString());

        Assert.Equal(online, offline);
        Assert.NotEqual("0", online["customer_views_30d"]);
    }

    [Fact]
    public async Task A_training_row_sees_nothing_of_its_future_and_its_label_nothing_of_its_past()
    {
        await PublishAsync(ShopMessages.Order(_now.AddDays(-50), "c4", ("p1", 1)));
        await PublishAsync(ShopMessages.Order(_now.AddDays(-20), "c4", ("p1", 2)));
        await PublishAsync(ShopMessages.Order(_now.AddDays(-5), "c4", ("p1", 3)));
        await WaitForAsync("customer", "c4", "customer_orders_90d", 3);
        await fixture.QuiesceAsync();

        var rows = await TrainingRowsAsync(new
        {
            entity = "customer",
            features = new[] { "customer_orders_90d", "customer_since_order_365d" },
            rows = new[] { -20, -60, -19 }.Select(days => new { id = "c4", at = _now.AddDays(days), label = 0.5 }),
            labels = new object[]
            {
                new { name = "orders", events = new[] { "OrderPlaced" }, window = "30.00:00:00" },
                new { name = "spend", events = new[] { "OrderPlaced" }, sum = true, window = "30.00:00:00" },
                new
                {
                    name = "known",
                    events = new[] { "OrderPlaced" },
                    window = "30.00:00:00",
                    knownBefore = _now.AddDays(-10),
                },
            },
        });

        Assert.Equal(
            [(1, 0, 1, 250, 1), (0, 1, 2, 1250, 1), (2, 2, 1, 750, 0)],
            rows.Select(row => (
                row.GetProperty("row").GetInt32(),
                row.GetProperty("features").GetProperty("customer_orders_90d").GetInt32(),
                row.GetProperty("labels").GetProperty("orders").GetInt32(),
                row.GetProperty("labels").GetProperty("spend").GetInt32(),
                row.GetProperty("labels").GetProperty("known").GetInt32())));
        Assert.All(rows, row => Assert.Equal(0.5, row.GetProperty("label").GetDouble()));
    }

    [Fact]
    public async Task A_dispute_counts_for_its_card_whichever_comes_first()
    {
        var before = ShopMessages.Payment(_now.AddDays(-9), "c5", "card5", "d5");
        var after = ShopMessages.Payment(_now.AddDays(-8), "c5", "card5", "d5", succeeded: false);

        await PublishAsync(ShopMessages.Dispute(_now.AddDays(-1), before.PaymentId));
        await fixture.QuiesceAsync();
        await PublishAsync(before);
        await PublishAsync(after);
        await WaitForAsync("device", "d5", "device_customers_30d", 1);
        await PublishAsync(ShopMessages.Dispute(_now.AddDays(-2), after.PaymentId));

        await WaitForAsync("card", "card5", "card_disputes_365d", 2);
        await fixture.QuiesceAsync();
        Assert.Equal(0, await CountAsync("select count(*) from waiting_disputes"));
    }

    [Fact]
    public async Task What_a_browser_did_shows_at_its_customer_once_it_is_known()
    {
        await PublishAsync(ShopMessages.Viewed(_now.AddDays(-1), null, "p6", anonymous: "a6"));
        await PublishAsync(ShopMessages.Viewed(_now.AddHours(-1), "c6", "p6"));
        await WaitForAsync("customer", "c6", "customer_views_30d", 1);
        await WaitForAsync("visitor", "a6", "customer_views_30d", 1);

        await PublishAsync(ShopMessages.Identified(_now, "c6", "a6"));

        await WaitForAsync("customer", "c6", "customer_views_30d", 2);
        await fixture.QuiesceAsync();
        var lines = (await _client.GetStringAsync("/v1/history/interactions"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line))
            .Where(row => row.GetProperty("productId").GetString() == "p6").ToArray();
        Assert.Equal(["c6", "c6"], lines.Select(row => row.GetProperty("customerId").GetString()));
    }

    [Fact]
    public async Task An_erased_customer_is_gone_and_stays_gone()
    {
        var payment = ShopMessages.Payment(_now.AddHours(-2), "c7", "card7", "d7");
        var other = ShopMessages.Payment(_now.AddHours(-1), "c7b", "card7", "d7");
        await PublishAsync(payment);
        await PublishAsync(other);
        await PublishAsync(ShopMessages.Order(_now.AddHours(-1), "c7", ("p7", 1)));
        await WaitForAsync("card", "card7", "card_customers_30d", 2);
        await WaitForAsync("product", "p7", "product_buyers_30d", 1);

        await fixture.PublishAsync(Guid.NewGuid(), new CustomerErased
        {
            EventId = Guid.NewGuid(),
            CustomerId = "c7",
            RequestedAt = _now,
            PartitionKey = "c7",
        });

        await WaitForAsync("card", "card7", "card_customers_30d", 1);
        await fixture.QuiesceAsync();
        Assert.Equal(1, await NumberAsync("card", "card7", "card_payments_1d"));
        Assert.Equal(0, await NumberAsync("product", "p7", "product_buyers_30d"));
        await PublishAsync(ShopMessages.Order(_now, "c7", ("p7", 1)));
        await fixture.QuiesceAsync();
        Assert.Equal(JsonValueKind.Null, (await ReadAsync("customer", "c7")).GetProperty("eventAt").ValueKind);
        Assert.Equal(0, await CountAsync("select count(*) from shop_events where customer = 'c7'"));
    }

    [Fact]
    public async Task Who_shared_a_browser_with_an_erased_customer_keeps_what_is_theirs()
    {
        await PublishAsync(ShopMessages.Identified(_now.AddDays(-3), "c11", "a11"));
        await PublishAsync(ShopMessages.Identified(_now.AddDays(-2), "c11b", "a11"));
        await PublishAsync(ShopMessages.Viewed(_now.AddDays(-2), "c11b", "p11", anonymous: "a11"));
        await PublishAsync(ShopMessages.Viewed(_now.AddDays(-1), null, "p11", anonymous: "a11"));
        await WaitForAsync("customer", "c11b", "customer_views_30d", 2);

        await fixture.PublishAsync(Guid.NewGuid(), new CustomerErased
        {
            EventId = Guid.NewGuid(),
            CustomerId = "c11",
            AnonymousIds = ["a11"],
            RequestedAt = _now,
            PartitionKey = "c11",
        });

        await WaitForAsync("customer", "c11b", "customer_views_30d", 1);
        await PublishAsync(ShopMessages.Viewed(_now.AddHours(-1), "c11b", "p11", anonymous: "a11"));
        await WaitForAsync("customer", "c11b", "customer_views_30d", 2);
        await fixture.QuiesceAsync();
        var online = fixture.First.Services.GetRequiredService<OnlineFeatures>().Active;
        var other = await online.ReadStoredAsync(new EntityKey(EntityKind.Customer, "c11b"), default);
        Assert.Empty(other.AnonymousIds);
        Assert.Equal(0, await CountAsync("select count(*) from shop_events where anonymous = 'a11'"));
    }

    [Fact]
    public async Task Orders_are_streamed_with_their_lines()
    {
        var order = ShopMessages.Order(_now.AddDays(-4), "c8", ("p8", 2), ("p9", 1));
        await PublishAsync(order);
        await WaitForAsync("customer", "c8", "customer_orders_30d", 1);
        await fixture.QuiesceAsync();

        var path = $"/v1/history/orders?after={Iso(order.PlacedAt)}&before={Iso(order.PlacedAt.AddSeconds(1))}";
        var row = (await _client.GetStringAsync(path)).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line))
            .Single(each => each.GetProperty("orderId").GetString() == order.OrderId);

        Assert.Equal(750, row.GetProperty("amount").GetInt64());
        Assert.Equal(["p8", "p9"], row.GetProperty("lines").EnumerateArray()
            .Select(line => line.GetProperty("productId").GetString()));
        Assert.False(row.GetProperty("cancelled").GetBoolean());
    }

    [Fact]
    public async Task The_trace_of_an_event_goes_on_here()
    {
        var trace = ActivityTraceId.CreateRandom();
        var seen = new List<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Ecom.FeatureStore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                lock (seen)
                {
                    seen.Add($"{span.OperationName} {span.TraceId}");
                }
            },
        };
        ActivitySource.AddActivityListener(listener);

        var parent = $"00-{trace}-0123456789abcdef-01";
        await PublishAsync(ShopMessages.Viewed(_now, "c9", "p1") with { TraceParent = parent });

        await Eventually.BeTrueAsync(() =>
        {
            lock (seen)
            {
                return Task.FromResult(seen.Contains($"process interactions-recorded {trace}"));
            }
        });
    }

    [Fact]
    public async Task Many_entities_are_read_in_their_order_and_wrong_questions_are_told()
    {
        var read = await _client.PostAsJsonAsync("/v1/features/read", new
        {
            entities = new object[] { new { entity = "product", id = "x" }, new { entity = "customer", id = "y" } },
            names = new[] { "customer_orders_30d" },
        });
        var answers = await read.Content.ReadFromJsonAsync<JsonElement[]>();
        Assert.Equal(["x", "y"], answers!.Select(answer => answer.GetProperty("id").GetString()));
        Assert.Equal(0, answers![0].GetProperty("features").GetArrayLength());

        var many = Enumerable.Range(0, 501).Select(i => new { entity = "customer", id = $"{i}" });
        Assert.Equal(HttpStatusCode.BadRequest, (await _client.GetAsync("/v1/features/planet/1")).StatusCode);
        Assert.Equal(
            HttpStatusCode.BadRequest, (await _client.GetAsync("/v1/features/customer/1?names=nope")).StatusCode);
        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await _client.PostAsJsonAsync("/v1/features/read", new { entities = many })).StatusCode);
        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await _client.PostAsJsonAsync("/v1/training-sets", new { entity = "customer" })).StatusCode);
        using var stranger = fixture.First.CreateClient();
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync("/v1/features/customer/1")).StatusCode);
        using var reader = fixture.First.CreateClient(Scopes.Read);
        Assert.Equal(HttpStatusCode.Forbidden, (await reader.GetAsync("/v1/history/orders")).StatusCode);
    }

    [Fact]
    public async Task Definitions_freshness_and_statistics_are_told()
    {
        await PublishAsync(ShopMessages.Viewed(_now.AddMinutes(-1), "c10", "p1"));
        await WaitForAsync("customer", "c10", "customer_views_1h", 1);
        await fixture.QuiesceAsync();

        var definitions = await _client.GetFromJsonAsync<JsonElement>("/v1/definitions");
        var freshness = await _client.GetFromJsonAsync<JsonElement>("/v1/freshness");
        var statistics = await _client.GetFromJsonAsync<JsonElement>("/v1/statistics/customer?sample=10");

        Assert.Equal(ShopFeatures.Set.Definitions.Count, definitions.GetProperty("definitions").GetArrayLength());
        Assert.Contains(
            freshness.GetProperty("kinds").EnumerateArray(),
            kind => kind.GetProperty("kind").GetString() == "ProductViewed");
        Assert.Equal(
            ShopFeatures.Set.FeaturesOf(EntityKind.Customer).Count,
            statistics.GetProperty("features").GetArrayLength());
    }

    private static string Iso(DateTimeOffset at) => Uri.EscapeDataString(at.ToString("O"));

    private Task PublishAsync(params Interaction[] interactions) =>
        fixture.PublishAsync(Guid.NewGuid(), new InteractionsRecorded { Interactions = interactions });

    private Task PublishAsync<T>(T message)
        where T : class => fixture.PublishAsync((Guid)((dynamic)message).EventId, message);

    private Task WaitForAsync(string entity, string id, string feature, double value) =>
        Eventually.ReadAsync(() => NumberAsync(entity, id, feature), number => number == value);

    private async Task<double?> NumberAsync(string entity, string id, string feature) =>
        (await FeatureAsync(entity, id, feature)).GetProperty("value") is { ValueKind: JsonValueKind.Number } number
            ? number.GetDouble()
            : null;

    private async Task<JsonElement> FeatureAsync(string entity, string id, string feature) =>
        (await ReadAsync(entity, id)).GetProperty("features").EnumerateArray()
            .Single(each => each.GetProperty("name").GetString() == feature);

    private Task<JsonElement> ReadAsync(string entity, string id) =>
        _client.GetFromJsonAsync<JsonElement>($"/v1/features/{entity}/{id}");

    private async Task<IReadOnlyList<JsonElement>> TrainingRowsAsync(object asked)
    {
        using var answer = await _client.PostAsJsonAsync("/v1/training-sets", asked);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line))];
    }

    private async Task<long> CountAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(fixture.Database.ConnectionString);
        return await connection.ExecuteScalarAsync<long>(sql);
    }
}
