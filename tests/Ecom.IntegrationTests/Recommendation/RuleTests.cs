using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Ecom.Contracts.Customers;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Xunit;

namespace Ecom.IntegrationTests.Recommendation;

public sealed class RuleTests(Backends backends) : IClassFixture<Backends>
{
    private static readonly DateTimeOffset _now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_rule_is_tried_on_past_answers_then_holds_everywhere_then_expires_by_itself()
    {
        var clock = new SetClock(_now);
        await using var shop = await StartAsync(clock);
        await using var second = await shop.StartReplicaAsync();
        var before = await shop.AskAsync("placement=home&customerId=ann&count=3");
        Assert.Equal(["a", "b", "c"], before.Products);
        await shop.AskAsync("placement=cart&customerId=ann&count=3");

        var rule = await DraftAsync(shop, new
        {
            title = "No Acme",
            owner = "mia",
            expiresAt = _now.AddDays(1),
            placements = new[] { "home" },
            when = new { brands = new[] { "acme" }, priceTo = 150 },
            exclude = true,
        });
        var tried = await Eventually.ReadAsync(
            () => SimulateAsync(shop, rule), found => found.GetProperty("answers").GetInt32() > 0);
        Assert.Equal(1, tried.GetProperty("changed").GetInt32());
        Assert.Equal(1, tried.GetProperty("changedShare").GetDouble());
        Assert.Equal("a", tried.GetProperty("lost")[0].GetProperty("productId").GetString());
        Assert.Equal("d", tried.GetProperty("gained")[0].GetProperty("productId").GetString());
        Assert.Equal(3, tried.GetProperty("examples")[0].GetProperty("after").GetArrayLength());
        Assert.Contains("a", (await shop.AskAsync("placement=home&count=3")).Products);

        await shop.Ops.PostAsync($"/v1/rules/{rule}/activate", null);
        var other = second.CreateClient("read");
        await Eventually.BeTrueAsync(
            async () => !(await other.GetFromJsonAsync<Answered>("/v1/recommendations?placement=home&count=3"))!
                .Products.Contains("a"));
        var after = await shop.AskAsync("placement=home&count=3", a => a.Products[0] != "a");
        Assert.Equal(["b", "c", "d"], after.Products);
        Assert.Contains("a", (await shop.AskAsync("placement=cart&count=3")).Products);

        clock.Now = _now.AddDays(2);
        Assert.Contains("a", (await shop.AskAsync("placement=home&count=3")).Products);
    }

    [Fact]
    public async Task A_pin_brings_a_product_that_no_list_holds_and_a_conflict_is_told()
    {
        await using var shop = await StartAsync(new SetClock(_now));
        await shop.AskAsync("placement=home&count=2");
        var first = await DraftAsync(shop, Pin("d", priority: 1));
        await shop.Ops.PostAsync($"/v1/rules/{first}/activate", null);
        Assert.Equal(["d", "a"], (await shop.AskAsync("placement=home&count=2", a => a.Products[0] == "d")).Products);

        var second = await DraftAsync(shop, Pin("c", priority: 0));
        var tried = await SimulateAsync(shop, second);
        Assert.Contains(
            $"Rule {first} (Pin d) wants position 1 too: rule {first} gets it.",
            tried.GetProperty("conflicts")[0].GetString(),
            StringComparison.Ordinal);

        await shop.Ops.PostAsync($"/v1/rules/{first}/retire", null);
        await shop.AskAsync("placement=home&count=2", a => a.Products[0] == "a");
        var versions = await shop.Ops.GetFromJsonAsync<JsonElement[]>($"/v1/rules/{first}/versions");
        Assert.Equal(
            ["retired", "activated", "drafted"], versions!.Select(one => one.GetProperty("action").GetString()));
        Assert.Equal(
            HttpStatusCode.Conflict, (await shop.Ops.PostAsync($"/v1/rules/{first}/activate", null)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await shop.Ops.PostAsync("/v1/rules/99/activate", null)).StatusCode);
    }

    [Fact]
    public async Task A_wrong_rule_is_refused_with_the_place_of_each_error()
    {
        await using var shop = await StartAsync(new SetClock(_now));

        var answer = await shop.Ops.PostAsJsonAsync(
            "/v1/rules", new { title = "x", placements = new[] { "nowhere" }, when = new { brands = new[] { "" } } });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var errors = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors");
        Assert.Equal(
            ["$", "expiresAt", "owner", "placements[0]", "when.brands[0]"],
            errors.EnumerateObject().Select(error => error.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Samples_of_an_erased_customer_go()
    {
        await using var shop = await StartAsync(new SetClock(_now));
        await shop.AskAsync("placement=home&customerId=ann&count=1");
        await Eventually.BeTrueAsync(async () => await CountAsync(shop) == 1);
        await shop.PublishAsync(new CustomerErased
        {
            EventId = Guid.NewGuid(),
            CustomerId = "ann",
            RequestedAt = _now,
            PartitionKey = "ann",
        });
        await Eventually.BeTrueAsync(async () => await CountAsync(shop) == 0);
    }

    private async Task<RecommendationHost> StartAsync(SetClock clock)
    {
        var shop = await RecommendationHost.StartAsync(backends, clock, ("Recommendation:SamplesPerSecond", "1000"));
        await shop.TellCatalogueAsync(
            RecommendationHost.Product("a", "Acme", price: 1),
            RecommendationHost.Product("b", "Acme", price: 2),
            RecommendationHost.Product("c", "Bold", price: 1),
            RecommendationHost.Product("d", "Bold"));
        return shop;
    }

    private static object Pin(string product, int priority) => new
    {
        title = $"Pin {product}",
        owner = "mia",
        expiresAt = _now.AddDays(1),
        placements = new[] { "home" },
        priority,
        pin = 1,
        when = new { products = new[] { product } },
    };

    private static async Task<long> DraftAsync(RecommendationHost shop, object plan)
    {
        var answer = await shop.Ops.PostAsJsonAsync("/v1/rules", plan);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("number").GetInt64();
    }

    private static async Task<JsonElement> SimulateAsync(RecommendationHost shop, long rule) =>
        await (await shop.Ops.PostAsync($"/v1/rules/{rule}/simulate", null)).Content.ReadFromJsonAsync<JsonElement>();

    private static async Task<long> CountAsync(RecommendationHost shop)
    {
        await using var connection = await shop.ConnectAsync();
        return await connection.ExecuteScalarAsync<long>(
            "select count(*) from answer_samples where placement = 'home'");
    }
}
