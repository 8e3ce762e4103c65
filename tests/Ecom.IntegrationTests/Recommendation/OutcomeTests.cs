using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Ecom.Contracts.Behaviour;
using Ecom.Contracts.Customers;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Xunit;

namespace Ecom.IntegrationTests.Recommendation;

public sealed class OutcomeTests(Backends backends) : IClassFixture<Backends>
{
    private static readonly DateTimeOffset _now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Clicks_carts_and_orders_count_once_for_the_answer_that_led_to_them()
    {
        await using var shop = await StartAsync();
        await shop.TellCatalogueAsync(
            RecommendationHost.Product("a"), RecommendationHost.Product("b"), RecommendationHost.Product("c"));
        var answer = await shop.AskAsync("placement=home&anonymousId=v&count=2");
        var product = answer.Products[0];

        // The order overtakes the click; the click comes as click and as page view; messages come twice.
        var order = RecommendationHost.Order("ann", "v", _now.AddMinutes(5), (product, 7), ("other", 100));
        var click = Click(InteractionKind.RecommendationClicked, "v", product, answer, _now.AddMinutes(1));
        var view = Click(InteractionKind.ProductViewed, "v", product, answer, _now.AddMinutes(1));
        var cart = new InteractionsRecorded
        {
            Interactions =
            [
                RecommendationHost.Act(InteractionKind.ProductAdded, "v", product, null, _now.AddMinutes(2)),
            ],
        };
        foreach (var message in new object[] { order, cart, order, click, view, click, cart })
        {
            await shop.PublishAsync(message);
        }

        var day = await ReadAsync(shop, "home", day => day.GetProperty("orders").GetInt64() == 1);
        Assert.Equal(1, day.GetProperty("clicks").GetInt64());
        Assert.Equal(1, day.GetProperty("carts").GetInt64());
        Assert.Equal(700, day.GetProperty("revenue").GetInt64());
        Assert.Equal(1, day.GetProperty("answers").GetInt64());
        Assert.Equal(2, day.GetProperty("impressions").GetInt64());
        Assert.Equal(2, day.GetProperty("productsShown").GetInt64());
        Assert.Equal(0.5, day.GetProperty("clickRate").GetDouble());
        Assert.Equal(2.0 / 3, day.GetProperty("coverage").GetDouble(), 1e-9);

        // Nothing more comes: what was redelivered was known. The order has two lines.
        await CountedAsync(shop, events: 5);
        Assert.Equal(1, (await ReadAsync(shop, "home", _ => true)).GetProperty("orders").GetInt64());
    }

    [Fact]
    public async Task An_order_outside_the_window_of_another_visitor_or_without_reaction_counts_for_no_answer()
    {
        await using var shop = await StartAsync();
        await shop.TellCatalogueAsync(RecommendationHost.Product("a"), RecommendationHost.Product("b"));
        var answer = await shop.AskAsync("placement=home&anonymousId=v&count=2");
        await shop.PublishAsync(Click(InteractionKind.RecommendationClicked, "v", "a", answer, _now));
        await shop.PublishAsync(RecommendationHost.Order(null, "v", _now.AddDays(8), ("a", 1)));
        await shop.PublishAsync(RecommendationHost.Order(null, "v", _now.AddMinutes(-1), ("a", 1)));
        await shop.PublishAsync(RecommendationHost.Order(null, "w", _now.AddMinutes(1), ("a", 1)));
        await shop.PublishAsync(RecommendationHost.Order(null, "v", _now.AddMinutes(1), ("b", 1)));
        await CountedAsync(shop, events: 5);
        await shop.PublishAsync(RecommendationHost.Order(null, "v", _now.AddMinutes(2), ("a", 3)));

        var day = await ReadAsync(shop, "home", day => day.GetProperty("orders").GetInt64() > 0);
        Assert.Equal(1, day.GetProperty("orders").GetInt64());
        Assert.Equal(300, day.GetProperty("revenue").GetInt64());
    }

    [Fact]
    public async Task Nothing_of_an_erased_customer_stays_and_late_events_bring_nothing_back()
    {
        await using var shop = await StartAsync();
        await shop.TellCatalogueAsync(RecommendationHost.Product("a"));
        var answer = await shop.AskAsync("placement=home&anonymousId=v&count=1");
        await shop.PublishAsync(Click(InteractionKind.RecommendationClicked, "v", "a", answer, _now));
        await shop.PublishAsync(RecommendationHost.Order("ann", "v", _now.AddMinutes(1), ("a", 1)));
        await ReadAsync(shop, "home", day => day.GetProperty("orders").GetInt64() == 1);

        await shop.PublishAsync(new CustomerErased
        {
            EventId = Guid.NewGuid(),
            CustomerId = "ann",
            AnonymousIds = ["v"],
            RequestedAt = _now,
            PartitionKey = "ann",
        });
        await Eventually.BeTrueAsync(async () => await CountAsync(shop) == 0);
        await shop.PublishAsync(Click(InteractionKind.RecommendationClicked, "v", "a", answer, _now));
        await shop.PublishAsync(RecommendationHost.Order("ann", null, _now.AddMinutes(1), ("a", 1)));
        await Task.Delay(TimeSpan.FromSeconds(2));
        Assert.Equal(0, await CountAsync(shop));
    }

    // The patience is by the clock of the database: on a machine that stands still for seconds, a click that was
    // published with its order must still be there in time.
    private Task<RecommendationHost> StartAsync() => RecommendationHost.StartAsync(
        backends, new SetClock(_now), ("Recommendation:OutcomePatience", "00:00:06"));

    // All events that may be outcomes have come, and were looked at.
    private static Task CountedAsync(RecommendationHost shop, long events) => Eventually.ReadAsync(
        async () =>
        {
            await using var connection = await shop.ConnectAsync();
            return await connection.QuerySingleAsync<(long All, long Counted)>(
                "select count(*), count(*) filter (where counted) from outcome_events");
        },
        found => found == (events, events),
        seconds: 60);

    private static async Task<long> CountAsync(RecommendationHost shop)
    {
        await using var connection = await shop.ConnectAsync();
        return await connection.ExecuteScalarAsync<long>(
            "select (select count(*) from outcome_events) + (select count(*) from answer_touches)");
    }

    private static Task<JsonElement> ReadAsync(
        RecommendationHost shop, string placement, Func<JsonElement, bool> fits) =>
        Eventually.ReadAsync(
            async () => (await shop.Ops.GetFromJsonAsync<JsonElement[]>(
                $"/v1/metrics/placements?placement={placement}&from=2026-11-20&to=2026-11-20"))!.FirstOrDefault(),
            day => day.ValueKind == JsonValueKind.Object && fits(day),
            seconds: 60);

    private static InteractionsRecorded Click(
        InteractionKind kind, string visitor, string product, Answered answer, DateTimeOffset at) => new()
        {
            Interactions = [RecommendationHost.Act(kind, visitor, product, answer.RecommendationId, at)],
        };
}
