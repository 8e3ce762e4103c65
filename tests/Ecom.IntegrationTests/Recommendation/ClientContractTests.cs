using System.Net;
using System.Text.Json;
using Ecom.Client;
using Ecom.Contracts.Catalogue;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Xunit;
using static Ecom.IntegrationTests.Recommendation.RecommendationHost;

namespace Ecom.IntegrationTests.Recommendation;

/// <summary>The typed client against the running service: parameters, errors, the service going away.</summary>
public sealed class ClientContractTests(Backends backends) : IClassFixture<Backends>
{
    private static readonly RecommendationQuestion _everything = new()
    {
        Placement = "cart",
        CustomerId = "ann ö&=",
        AnonymousId = "browser/1",
        ProductId = "p1",
        Cart = ["p 2", "p&3"],
        Count = 3,
        Categories = ["Home", "Garden"],
        Brands = ["Acme", "Bolt & Co"],
        Attributes = ["colour:red", "colour:green", "size:x l"],
        PriceMin = 100,
        PriceMax = 2_000,
        Exclude = ["p4"],
        Strict = true,
        Cursor = "AAAAAA",
    };

    [Fact]
    public async Task Every_parameter_arrives_and_does_what_it_says()
    {
        await using var host = await StartWithProductsAsync();
        await using var provider = Register(host.Service);
        var client = provider.GetRequiredService<RecommendationClient>();

        Assert.Equal(["p5"], (await client.GetAsync(_everything)).Items.Select(item => item.ProductId));
        Assert.Equal(["p4", "p5"], await AskAsync(_everything with { Exclude = [] }));
        Assert.Equal(["p2x", "p5"], await AskAsync(_everything with { Brands = [] }));
        Assert.Equal(["p5", "p6"], await AskAsync(_everything with { Categories = [] }));
        Assert.Equal(["p5", "p9"], await AskAsync(_everything with { Attributes = [] }));
        Assert.Equal(["p5", "p8"], await AskAsync(_everything with { PriceMin = null }));
        Assert.Equal(["p5", "p7"], await AskAsync(_everything with { PriceMax = null }));
        Assert.Equal(["p 2", "p&3", "p5"], await AskAsync(_everything with { Cart = [] }));
        Assert.Equal(["p1", "p5"], await AskAsync(_everything with { ProductId = null }));
        var relaxed = await client.GetAsync(_everything with { Strict = false });
        Assert.Equal(("relaxed", 1, 3), (relaxed.Filtered, relaxed.Fitting, relaxed.Items.Count));
        Assert.Equal(AnswerOrigin.Platform, relaxed.Origin);
        Assert.Equal((true, "no_model"), (relaxed.Degraded, relaxed.DegradedBecause));

        await client.SendFeedbackAsync(new RecommendationFeedback { CustomerId = "ann ö&=", ProductId = "p5" });
        Assert.Empty(await AskAsync(_everything));
        var why = await client.ExplainAsync(_everything, "p5");
        Assert.Equal(("hidden", "hidden"), (why.NotShownBecause, why.Exclusion));
        Assert.Equal("anchor", (await client.ExplainAsync(_everything, "p1")).Exclusion);
        await client.SendFeedbackAsync(
            new RecommendationFeedback { CustomerId = "ann ö&=", ProductId = "p5", Undo = true });
        Assert.Equal(["p5"], await AskAsync(_everything));

        async Task<string[]> AskAsync(RecommendationQuestion question) =>
            [.. (await client.GetAsync(question)).Items.Select(item => item.ProductId).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task Pages_of_the_service_are_read_to_the_end()
    {
        await using var host = await StartWithProductsAsync();
        await using var provider = Register(host.Service);
        var seen = new List<string>();

        await foreach (var page in provider.GetRequiredService<RecommendationClient>().GetPagesAsync(
            new RecommendationQuestion { Placement = "trending", Count = 4 }))
        {
            seen.AddRange(page.Items.Select(item => item.ProductId));
        }

        Assert.Equal(10, seen.Count);
        Assert.Equal(10, seen.Distinct().Count());
    }

    [Fact]
    public async Task Each_error_tells_status_and_parameter()
    {
        await using var host = await StartWithProductsAsync();
        await using var provider = Register(host.Service);
        var client = provider.GetRequiredService<RecommendationClient>();
        (RecommendationQuestion Question, string Parameter)[] wrong =
        [
            (new() { Placement = "nowhere" }, "placement"),
            (new() { Count = 0 }, "count"),
            (new() { Count = 51 }, "count"),
            (new() { CustomerId = new string('x', 101) }, "customerId"),
            (new() { AnonymousId = new string('x', 101) }, "anonymousId"),
            (new() { Cart = [.. Enumerable.Range(0, 51).Select(number => $"{number}")] }, "cart"),
            (new() { Exclude = [new string('x', 101)] }, "exclude"),
            (new() { Categories = [new string('x', 101)] }, "category"),
            (new() { Brands = [new string('x', 101)] }, "brand"),
            (new() { Attributes = ["colour"] }, "attribute"),
            (new() { PriceMin = 2, PriceMax = 1 }, "priceMin"),
            (new() { Cursor = "*" }, "cursor"),
        ];
        foreach (var (question, parameter) in wrong)
        {
            var error = await FailAsync(client.GetAsync(question));
            Assert.Equal(400, error.Status);
            Assert.Equal([parameter], error.Errors.Keys);
            Assert.Contains($"{parameter}: ", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(404, (await FailAsync(client.GetAsync(new() { ProductId = "nothing" }))).Status);
        Assert.Equal(404, (await FailAsync(client.ExplainAsync(new(), "nothing"))).Status);
        var nobody = new RecommendationFeedback { ProductId = "p1" };
        Assert.Equal(["customerId"], (await FailAsync(client.SendFeedbackAsync(nobody))).Errors.Keys);
        await using var stranger = Register(host.Service, settings => settings.ApiKey = "none-such");
        Assert.Equal(401, (await FailAsync(
            stranger.GetRequiredService<RecommendationClient>().GetAsync(new()))).Status);
        await using var sender = Register(host.Service, settings => settings.ApiKey = ServiceHost.KeyOf("ingest"));
        Assert.Equal(403, (await FailAsync(
            sender.GetRequiredService<RecommendationClient>().GetAsync(new()))).Status);
    }

    [Fact]
    public async Task A_service_that_hangs_is_busy_or_down_is_replaced_by_memory_and_found_again()
    {
        using var fault = new Fault();
        var host = await StartWithProductsAsync();
        await using var provider = Register(
            host.Service,
            settings =>
            {
                settings.AttemptTimeout = TimeSpan.FromSeconds(2);
                settings.TotalTimeout = TimeSpan.FromSeconds(3);
                settings.Retries = 0;
            },
            fault);
        var client = provider.GetRequiredService<RecommendationClient>();
        var question = new RecommendationQuestion { CustomerId = "ann" };
        var before = await client.GetAsync(question);

        fault.Hangs = true;
        var hung = await client.GetAsync(question);
        Assert.Equal(AnswerOrigin.LastKnown, hung.Origin);
        Assert.Equal(before.Items, hung.Items);
        var stranger = await client.GetAsync(new RecommendationQuestion { AnonymousId = "new", Count = 3 });
        Assert.Equal((AnswerOrigin.Popular, 3), (stranger.Origin, stranger.Items.Count));

        (fault.Hangs, fault.IsBusy) = (false, true);
        Assert.Equal(AnswerOrigin.LastKnown, (await client.GetAsync(question)).Origin);
        fault.IsBusy = false;
        Assert.Equal(AnswerOrigin.LastKnown, (await client.GetAsync(question)).Origin);
        await Eventually.BeTrueAsync(async () => (await client.GetAsync(question)).Origin == AnswerOrigin.Platform);

        await host.DisposeAsync();
        Assert.Equal(AnswerOrigin.LastKnown, (await client.GetAsync(question)).Origin);
    }

    [Fact]
    public async Task The_service_documents_every_parameter_that_the_client_sends()
    {
        await using var host = await RecommendationHost.StartAsync(backends);
        using var document = JsonDocument.Parse(await host.Read.GetStringAsync("/openapi/v1.json"));
        foreach (var path in new[] { _everything.ToPath(), _everything.ToExplainPath("p5") })
        {
            var (route, query) = (path.Split('?')[0], path.Split('?')[1]);
            var documented = document.RootElement.GetProperty("paths").GetProperty("/" + route).GetProperty("get")
                .GetProperty("parameters").EnumerateArray()
                .Where(parameter => parameter.GetProperty("in").GetString() == "query")
                .Select(parameter => parameter.GetProperty("name").GetString()!);
            var sent = query.Split('&').Select(pair => pair.Split('=')[0]);
            Assert.Equal(
                documented.Order(StringComparer.Ordinal), sent.Distinct().Order(StringComparer.Ordinal));
        }

        var feedback = document.RootElement.GetProperty("paths").GetProperty("/v1/feedback");
        Assert.True(feedback.TryGetProperty("post", out _));
    }

    private async Task<RecommendationHost> StartWithProductsAsync()
    {
        var host = await RecommendationHost.StartAsync(backends);
        await host.TellCatalogueAsync(
            Red("p1", "Acme", "Home", 5),
            Red("p 2", "Acme", "Home", 5),
            Red("p&3", "Acme", "Home", 5),
            Red("p4", "Acme", "Home", 5),
            Red("p5", "Bolt & Co", "Garden / Tools", 5),
            Red("p2x", "Other", "Home", 5),
            Red("p6", "Acme", "Toys", 5),
            Red("p7", "Acme", "Home", 50),
            Red("p8", "Acme", "Home", 0),
            Red("p9", "Acme", "Home", 5) with { Attributes = new Dictionary<string, string> { ["colour"] = "blue" } });
        return host;
    }

    private static ProductChanged Red(string id, string brand, string category, long price) =>
        Product(id, brand, category, price) with
        {
            Attributes = new Dictionary<string, string> { ["colour"] = "red", ["size"] = "X L" },
        };

    private static ServiceProvider Register(
        ServiceHost service, Action<EcomClientOptions>? configure = null, Fault? fault = null)
    {
        var services = new ServiceCollection();
        services.AddEcomClient(settings =>
        {
            settings.RecommendationAddress = service.Address;
            settings.ApiKey = ServiceHost.KeyOf("admin");

            // A busy machine must not decide these tests.
            settings.AttemptTimeout = TimeSpan.FromSeconds(10);
            settings.TotalTimeout = TimeSpan.FromSeconds(30);
            configure?.Invoke(settings);
        });
        if (fault is not null)
        {
            services.AddHttpClient(EcomClientExtensions.PageClient).AddHttpMessageHandler(() => fault);
        }

        return services.BuildServiceProvider();
    }

    private static Task<EcomRequestException> FailAsync(Task request) =>
        Assert.ThrowsAsync<EcomRequestException>(() => request);

    // Between client and service: what a network and an overloaded service do.
    private sealed class Fault : DelegatingHandler
    {
        public bool Hangs { get; set; }

        public bool IsBusy { get; set; }

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Hangs)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }

            if (!IsBusy)
            {
                return await base.SendAsync(request, cancellationToken);
            }

            var busy = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
            busy.Headers.RetryAfter = new(TimeSpan.FromSeconds(5));
            return busy;
        }
    }
}
