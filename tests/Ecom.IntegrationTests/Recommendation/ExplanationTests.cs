using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Xunit;
using static Ecom.IntegrationTests.Recommendation.RecommendationHost;

namespace Ecom.IntegrationTests.Recommendation;

/// <summary>Why one product stands where it does; no model is needed for most of it.</summary>
public sealed class ExplanationTests(Backends backends) : IClassFixture<Backends>
{
    private static readonly DateTimeOffset _now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Each_stage_tells_its_verdict_on_a_product()
    {
        await using var shop = await StartAsync();
        var answer = await shop.AskAsync("placement=home&customerId=ann&count=2");

        var shown = await ExplainAsync(shop, "placement=home&customerId=ann&count=2&productId=b");
        Assert.Equal(["a", "b"], answer.Products);
        Assert.Equal(2, shown.GetProperty("position").GetInt32());
        Assert.False(IsStated(shown, "notShownBecause"));
        var list = shown.GetProperty("lists").EnumerateArray().Last();
        Assert.Equal("catalogue", list.GetProperty("list").GetString());
        Assert.Equal((2, 4), (list.GetProperty("rank").GetInt32(), list.GetProperty("length").GetInt32()));
        Assert.Equal("catalogue", list.GetProperty("reason").GetProperty("code").GetString());
        Assert.Equal(2, shown.GetProperty("ranking").GetProperty("beforeRules").GetInt32());

        var outranked = await ExplainAsync(shop, "placement=home&customerId=ann&count=2&productId=d");
        Assert.Equal("outranked", outranked.GetProperty("notShownBecause").GetString());
        Assert.Equal(4, outranked.GetProperty("ranking").GetProperty("beforeRules").GetInt32());

        var carried = await ExplainAsync(shop, "placement=cart&cart=a&productId=a");
        Assert.Equal("anchor", carried.GetProperty("notShownBecause").GetString());
        var filtered = await ExplainAsync(shop, "placement=home&brand=Bold&strict=true&productId=a");
        Assert.Equal("filtered", filtered.GetProperty("notShownBecause").GetString());
    }

    [Fact]
    public async Task A_bought_product_is_told_to_be_bought()
    {
        await using var shop = await StartAsync();
        await shop.PublishAsync(Order("ann", null, _now, ("a", 1)));

        var bought = await Eventually.ReadAsync(
            () => ExplainAsync(shop, "placement=home&customerId=ann&productId=a"),
            found => IsStated(found, "exclusion"));

        Assert.Equal("bought", bought.GetProperty("exclusion").GetString());
        Assert.Equal("bought", bought.GetProperty("notShownBecause").GetString());
        Assert.False(IsStated(bought, "position"));
        Assert.False(IsStated(await ExplainAsync(shop, "placement=home&customerId=bea&productId=a"), "exclusion"));
    }

    [Fact]
    public async Task A_rule_that_takes_a_product_out_or_moves_it_is_named()
    {
        await using var shop = await StartAsync();
        var excluding = await ActivateAsync(shop, new { products = new[] { "a" } }, exclude: true, pin: null);
        var pinning = await ActivateAsync(shop, new { products = new[] { "d" } }, exclude: null, pin: 1);
        await shop.AskAsync("placement=home&count=2", answer => answer.Products.SequenceEqual(["d", "b"]));

        var excluded = await ExplainAsync(shop, "placement=home&count=2&productId=a");
        Assert.Equal("rule", excluded.GetProperty("notShownBecause").GetString());
        Assert.Equal(excluding, excluded.GetProperty("rules")[0].GetProperty("rule").GetInt64());
        Assert.Equal("exclude", excluded.GetProperty("rules")[0].GetProperty("effect").GetString());

        var pinned = await ExplainAsync(shop, "placement=home&count=2&productId=d");
        Assert.Equal(1, pinned.GetProperty("position").GetInt32());
        Assert.Equal(4, pinned.GetProperty("ranking").GetProperty("beforeRules").GetInt32());
        Assert.Equal(pinning, pinned.GetProperty("rules")[0].GetProperty("rule").GetInt64());
    }

    [Theory]
    [InlineData("placement=home&productId=nobody", HttpStatusCode.NotFound)]
    [InlineData("placement=home", HttpStatusCode.BadRequest)]
    [InlineData("placement=nowhere&productId=a", HttpStatusCode.BadRequest)]
    public async Task A_wrong_question_is_refused(string query, HttpStatusCode expected)
    {
        await using var shop = await StartAsync();
        using var answer = await shop.Ops.GetAsync($"/v1/recommendations/explain?{query}");
        Assert.Equal(expected, answer.StatusCode);
    }

    private async Task<RecommendationHost> StartAsync()
    {
        var shop = await RecommendationHost.StartAsync(backends, new SetClock(_now));
        await shop.TellCatalogueAsync(
            Product("a", "Acme"), Product("b", "Acme"), Product("c", "Bold"), Product("d", "Bold"));
        return shop;
    }

    private static Task<JsonElement> ExplainAsync(RecommendationHost shop, string query) =>
        shop.Ops.GetFromJsonAsync<JsonElement>($"/v1/recommendations/explain?{query}");

    private static bool IsStated(JsonElement found, string name) =>
        found.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    private static async Task<long> ActivateAsync(RecommendationHost shop, object when, bool? exclude, int? pin)
    {
        using var answer = await shop.Ops.PostAsJsonAsync(
            "/v1/rules",
            new { title = "Rule", owner = "mia", expiresAt = _now.AddDays(1), when, exclude, pin });
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        var number = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("number").GetInt64();
        using var activated = await shop.Ops.PostAsync($"/v1/rules/{number}/activate", null);
        Assert.True(activated.IsSuccessStatusCode, await activated.Content.ReadAsStringAsync());
        return number;
    }
}
