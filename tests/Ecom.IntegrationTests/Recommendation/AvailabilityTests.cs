using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Xunit;
using static Ecom.IntegrationTests.Recommendation.RecommendationHost;

namespace Ecom.IntegrationTests.Recommendation;

/// <summary>A product is shown on the days on which it is sold, without any event on their first and last.</summary>
public sealed class AvailabilityTests(Backends backends) : IClassFixture<Backends>
{
    [Fact]
    public async Task A_product_comes_and_goes_with_its_days()
    {
        var day = new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
        var clock = new SetClock(day);
        await using var host = await RecommendationHost.StartAsync(backends, clock);
        foreach (var product in new[]
        {
            Product("always"),
            Product("later") with { AvailableFrom = day.AddDays(1) },
            Product("earlier") with { AvailableUntil = day },
            Product("now") with { AvailableFrom = day, AvailableUntil = day.AddDays(1) },
        })
        {
            await host.PublishAsync(product);
        }

        // Those that are not shown are known as well before the others are looked for.
        await IsNotSoldAsync("later");
        await IsNotSoldAsync("earlier");
        await ShowsAsync("always", "now");
        clock.Now = day.AddDays(1);
        await ShowsAsync("always", "later");

        async Task IsNotSoldAsync(string product) => await Eventually.ReadAsync(
            async () =>
            {
                using var why = await host.Ops.GetAsync($"/v1/recommendations/explain?productId={product}");
                return await why.Content.ReadAsStringAsync();
            },
            why => why.Contains("\"exclusion\":\"not_sold\"", StringComparison.Ordinal));

        Task ShowsAsync(params string[] products) => host.AskAsync(
            "placement=trending", answer => answer.Products.Order().SequenceEqual(products));
    }
}
