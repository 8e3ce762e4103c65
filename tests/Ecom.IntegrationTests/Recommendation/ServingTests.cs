using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Ecom.Contracts;
using Ecom.Contracts.Behaviour;
using Ecom.Contracts.Customers;
using Ecom.Recommendation.Storage;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Xunit;
using static Ecom.IntegrationTests.Recommendation.RecommendationHost;

namespace Ecom.IntegrationTests.Recommendation;

/// <summary>What may be shown, filters, pages, and answers without Redis; no model is needed for any of it.</summary>
public sealed class ServingTests(Backends backends) : IClassFixture<Backends>
{
    [Fact]
    public async Task What_a_visitor_buys_hides_or_carries_is_gone_from_every_placement_and_comes_back_when_undone()
    {
        await using var host = await StartWithProductsAsync(5);
        var now = DateTimeOffset.UtcNow;
        var ingest = host.Service.CreateClient("ingest");

        var bought = Stopwatch.StartNew();
        await host.PublishAsync(Order("ann", null, now, ("p1", 1)));
        await host.AskAsync("placement=home&customerId=ann", answer => !answer.Products.Contains("p1"));
        Assert.True(bought.Elapsed < TimeSpan.FromSeconds(15), $"Gone after {bought.Elapsed}.");

        await SayAsync(ingest, new { customerId = "ann", productId = "p2" }, HttpStatusCode.NoContent);
        await host.PublishAsync(Recorded("ann", InteractionKind.ProductAdded, "p3", now));
        foreach (var placement in new[] { "home", "email", "also-bought", "search-empty" })
        {
            await host.AskAsync(
                $"placement={placement}&customerId=ann",
                answer => answer.Products.Order().SequenceEqual(["p4", "p5"]));
        }

        await SayAsync(ingest, new { customerId = "ann", productId = "p2", undo = true }, HttpStatusCode.NoContent);
        await host.PublishAsync(Recorded("ann", InteractionKind.ProductRemoved, "p3", now.AddSeconds(1)));
        await host.AskAsync(
            "placement=home&customerId=ann", answer => answer.Products.Order().SequenceEqual(["p2", "p3", "p4", "p5"]));
        await SayAsync(ingest, new { productId = "p2" }, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task What_a_browser_bought_hid_or_carries_belongs_to_the_customer_once_they_sign_in()
    {
        await using var host = await StartWithProductsAsync(5);
        var now = DateTimeOffset.UtcNow;
        await host.PublishAsync(Order(null, "browser", now, ("p1", 1)));
        await SayAsync(
            host.Service.CreateClient("ingest"),
            new { anonymousId = "browser", productId = "p2" },
            HttpStatusCode.NoContent);
        await host.PublishAsync(new InteractionsRecorded
        {
            Interactions = [Act(InteractionKind.ProductAdded, "browser", "p3", null, now)],
        });
        await host.AskAsync("anonymousId=browser", answer => answer.Products.Order().SequenceEqual(["p4", "p5"]));
        await host.PublishAsync(Order("ann", null, now, ("p4", 1)));
        await host.AskAsync("customerId=ann", answer => answer.Items.Count == 4);

        await host.PublishAsync(new CustomerIdentified
        {
            EventId = Guid.NewGuid(),
            CustomerId = "ann",
            AnonymousId = "browser",
            Source = new Source(),
            IdentifiedAt = now,
            ReceivedAt = now,
            PartitionKey = "ann",
        });

        await host.AskAsync("customerId=ann", answer => answer.Products.SequenceEqual(["p5"]));
        await host.AskAsync("anonymousId=browser", answer => answer.Items.Count == 5);
    }

    [Fact]
    public async Task An_older_state_never_replaces_a_newer_one()
    {
        await using var host = await StartWithProductsAsync(1);
        var lists = host.Service.Services.GetRequiredService<ListStore>();
        byte[] newer = [1, 9, 0, 0, 0, 0, 0, 0, 0, 1];
        byte[] older = [1, 8, 0, 0, 0, 0, 0, 0, 0, 2];

        await lists.WriteStatesAsync([new VisitorValue("c:bea", 9, newer)]);
        await lists.WriteStatesAsync([new VisitorValue("c:bea", 8, older)]);

        Assert.Equal(newer, (await lists.ReadAsync(null, "c:bea", [])).State);
    }

    [Fact]
    public async Task A_filter_that_too_few_products_fit_is_relaxed_or_leaves_the_answer_short_and_says_so()
    {
        await using var host = await RecommendationHost.StartAsync(backends);
        await host.TellCatalogueAsync(
            Product("a 1", brand: "Acme", category: "Home / Lights", price: 5),
            Product("b", brand: "Bolt", category: "Home", price: 15),
            Product("c", brand: "Acme", category: "Garden", price: 25),
            Product("d"));

        var both = await FilteredAsync(host, "category=Home&category=Garden&brand=acme&count=2");
        Assert.Equal(("kept", 2), (both.Filtered, both.Fitting));
        Assert.Equal(["a 1", "c"], both.Products.Order());
        var dear = await FilteredAsync(host, "priceMin=1000&priceMax=2000&count=1");
        Assert.Equal(["b"], dear.Products);
        var relaxed = await FilteredAsync(host, "brand=Bolt&count=3");
        Assert.Equal(("relaxed", 1), (relaxed.Filtered, relaxed.Fitting));
        Assert.Equal(("b", 3), (relaxed.Products[0], relaxed.Items.Count));
        var strict = await FilteredAsync(host, "brand=Bolt&count=3&strict=true");
        Assert.Equal(("short", 1), (strict.Filtered, strict.Items.Count));
        var none = await FilteredAsync(host, "brand=Nobody&strict=true");
        Assert.Equal(("empty", 0), (none.Filtered, none.Items.Count));
        var without = await FilteredAsync(host, "exclude=a%201&exclude=b");
        Assert.Equal(["c", "d"], without.Products.Order());
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(host, "priceMin=2&priceMax=1"));
    }

    [Fact]
    public async Task Pages_never_repeat_a_product_although_the_list_has_changed()
    {
        await using var host = await StartWithProductsAsync(25);
        var seen = new List<string>();
        var cursor = "";
        for (var page = 0; page < 3; page++)
        {
            var answer = await FilteredAsync(host, $"placement=trending&count=10&cursor={cursor}");
            seen.AddRange(answer.Products);
            cursor = answer.Next;
            await host.PublishAsync(Order(null, $"visitor-{page}", DateTimeOffset.UtcNow, ($"p{20 + page}", 1)));
            await Task.Delay(TimeSpan.FromSeconds(2.5));
        }

        Assert.Equal(25, seen.Count);
        Assert.Equal(25, seen.Distinct().Count());
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(host, "cursor=*"));
    }

    [Fact]
    public async Task An_unknown_product_is_not_found_and_an_unknown_customer_gets_a_list_that_says_so()
    {
        await using var host = await StartWithProductsAsync(3);
        var longest = Uri.EscapeDataString("ö " + new string('x', 98));

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(host, "placement=product&productId=nothing"));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(host, $"customerId={longest}x"));
        var stranger = await FilteredAsync(host, $"customerId={longest}");
        Assert.False(stranger.Personalised);
        Assert.Equal(3, stranger.Items.Count);
        Assert.All(stranger.Items, item => Assert.NotEqual("personal", item.Source));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(host, "count=-1"));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(host, "count=many"));
    }

    [Fact]
    public async Task Without_Redis_answers_come_from_memory_at_once_and_say_so_until_it_is_back()
    {
        var redis = await backends.StartOwnRedisAsync();
        await using var host = await RecommendationHost.StartAsync(
            backends, null, ("ConnectionStrings:Redis", redis.Configuration));
        await host.TellCatalogueAsync([.. Enumerable.Range(1, 5).Select(number => Product($"p{number}"))]);
        await host.PublishAsync(Order("ann", null, DateTimeOffset.UtcNow, ("p1", 1)));
        await host.AskAsync("customerId=ann", answer => !answer.Products.Contains("p1"));

        await redis.KillAsync();
        await Eventually.BeTrueAsync(async () =>
            (await FilteredAsync(host, "customerId=ann")) is { DegradedBecause: "redis_away" } answer
            && !answer.Products.Contains("p1"));
        await AssertFromMemoryAtOnceAsync(host);

        await redis.StartAsync();
        await Eventually.BeTrueAsync(async () =>
            (await FilteredAsync(host, "customerId=ann")).DegradedBecause == "no_model");
        await host.PublishAsync(Order("ann", null, DateTimeOffset.UtcNow, ("p2", 1)));
        await host.AskAsync("customerId=ann", answer => !answer.Products.Contains("p2"));
    }

    [Fact]
    public async Task While_Redis_hangs_no_answer_after_the_first_waits_for_it()
    {
        var redis = await backends.StartOwnRedisAsync();
        await using var host = await RecommendationHost.StartAsync(
            backends, null, ("ConnectionStrings:Redis", redis.Configuration));
        await host.TellCatalogueAsync([.. Enumerable.Range(1, 5).Select(number => Product($"p{number}"))]);
        await host.PublishAsync(Order("ann", null, DateTimeOffset.UtcNow, ("p1", 1)));
        await host.AskAsync("customerId=ann", answer => !answer.Products.Contains("p1"));

        await using (var client = await ConnectionMultiplexer.ConnectAsync(redis.Configuration + ",allowAdmin=true"))
        {
            await client.GetServers()[0].ExecuteAsync("CLIENT", "PAUSE", "30000", "ALL");
            await FilteredAsync(host, "customerId=ann");
            await AssertFromMemoryAtOnceAsync(host);
        }

        await redis.KillAsync();
        await redis.StartAsync();
        await Eventually.BeTrueAsync(async () =>
            (await FilteredAsync(host, "customerId=ann")).DegradedBecause == "no_model");
    }

    // The best of several medians: other tests share the machine. One that waits for Redis takes 250 ms at least.
    private static async Task AssertFromMemoryAtOnceAsync(RecommendationHost host)
    {
        const double LongestMs = 100;
        var best = double.PositiveInfinity;
        for (var round = 0; round < 10 && best > LongestMs; round++)
        {
            var times = new List<double>();
            for (var asked = 0; asked < 51; asked++)
            {
                var watch = Stopwatch.StartNew();
                var answer = await FilteredAsync(host, "customerId=ann");
                times.Add(watch.Elapsed.TotalMilliseconds);
                Assert.Equal(("redis_away", 4), (answer.DegradedBecause, answer.Items.Count));
            }

            best = Math.Min(best, times.Order().ElementAt(25));
        }

        Assert.True(best <= LongestMs, $"Median {best} ms.");
    }

    private async Task<RecommendationHost> StartWithProductsAsync(int count)
    {
        var host = await RecommendationHost.StartAsync(backends);
        await host.TellCatalogueAsync([.. Enumerable.Range(1, count).Select(number => Product($"p{number}"))]);
        return host;
    }

    private static InteractionsRecorded Recorded(
        string customer, InteractionKind kind, string product, DateTimeOffset at) => new()
        {
            Interactions = [Act(kind, "browser", product, null, at) with { CustomerId = customer }],
        };

    private static async Task SayAsync(HttpClient client, object feedback, HttpStatusCode expected)
    {
        using var answer = await client.PostAsJsonAsync("/v1/feedback", feedback);
        Assert.Equal(expected, answer.StatusCode);
    }

    private static async Task<Page> FilteredAsync(RecommendationHost host, string query) =>
        (await host.Read.GetFromJsonAsync<Page>($"/v1/recommendations?{query}"))!;

    private static async Task<HttpStatusCode> StatusAsync(RecommendationHost host, string query)
    {
        using var answer = await host.Read.GetAsync($"/v1/recommendations?{query}");
        return answer.StatusCode;
    }

    private sealed record Page(
        List<AnsweredItem> Items,
        bool Personalised,
        string? DegradedBecause,
        string? Filtered,
        int? Fitting,
        string? Next)
    {
        public string[] Products => [.. Items.Select(item => item.ProductId)];
    }
}
