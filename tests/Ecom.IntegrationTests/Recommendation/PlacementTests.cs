using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Xunit;

namespace Ecom.IntegrationTests.Recommendation;

public sealed class PlacementTests(Backends backends) : IClassFixture<Backends>
{
    [Fact]
    public async Task A_placement_is_set_used_on_every_replica_and_deleted_and_each_change_is_recorded()
    {
        await using var shop = await RecommendationHost.StartAsync(backends);
        await using var second = await shop.StartReplicaAsync();
        await shop.TellCatalogueAsync(RecommendationHost.Product("a"), RecommendationHost.Product("b"));

        var made = await shop.Ops.PutAsJsonAsync(
            "/v1/placements/landing", new { sources = new[] { "trending" }, count = 1, excludeBought = false });
        Assert.Equal(HttpStatusCode.OK, made.StatusCode);
        var other = second.CreateClient("read");
        foreach (var replica in new[] { other, shop.Read })
        {
            await Eventually.BeTrueAsync(
                async () => (await replica.GetAsync("/v1/recommendations?placement=landing")).IsSuccessStatusCode);
        }

        Assert.Single((await shop.AskAsync("placement=landing", _ => true)).Items);

        await shop.Ops.PutAsJsonAsync("/v1/placements/landing", new { sources = new[] { "popular" }, count = 2 });
        await shop.AskAsync("placement=landing", answer => answer.Items.Count == 2);
        var conflict = await shop.Ops.PutAsJsonAsync(
            "/v1/placements/landing?expectedVersion=1", new { sources = new[] { "popular" } });
        Assert.Equal(HttpStatusCode.Conflict, conflict.StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await shop.Ops.DeleteAsync("/v1/placements/landing")).StatusCode);

        var problem = await Eventually.ReadAsync(
            async () => await (await other.GetAsync("/v1/recommendations?placement=landing")).Content
                .ReadAsStringAsync(),
            text => text.Contains("Unknown", StringComparison.Ordinal));
        Assert.Contains(
            "also-bought, cart, email, home, product, search-empty, trending", problem, StringComparison.Ordinal);
        var versions = await shop.Ops.GetFromJsonAsync<JsonElement[]>("/v1/placements/landing/versions");
        Assert.Equal(
            ["deleted", "set", "set"], versions!.Select(change => change.GetProperty("action").GetString()));
        Assert.All(versions!, change => Assert.Equal("client-ops", change.GetProperty("changedBy").GetString()));
    }

    [Theory]
    [InlineData("landing", """{"sources": ["popular", "nonsense"]}""", "sources[1]")]
    [InlineData("landing", """{"sources": ["popular", "popular"]}""", "sources[1]")]
    [InlineData("landing", """{"sources": []}""", "sources")]
    [InlineData("landing", """{"sources": ["popular"], "exploration": 0.6}""", "exploration")]
    [InlineData("landing", """{"sources": ["popular"], "count": 0}""", "count")]
    [InlineData("Landing!", """{"sources": ["popular"]}""", "name")]
    [InlineData("landing", """{"sources": ["popular"], "divresity": 1}""", "")]
    public async Task A_wrong_placement_is_refused_and_the_place_of_the_error_is_told(
        string name, string body, string path)
    {
        await using var shop = await RecommendationHost.StartAsync(backends);

        var answer = await shop.Ops.PutAsync(
            $"/v1/placements/{name}", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(path, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_only_reads_changes_no_placement()
    {
        await using var shop = await RecommendationHost.StartAsync(backends);

        var answer = await shop.Read.PutAsJsonAsync("/v1/placements/home", new { sources = new[] { "popular" } });

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }
}
