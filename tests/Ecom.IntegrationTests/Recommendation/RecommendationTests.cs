using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Ecom.Algorithms.Recommendation;
using Ecom.Client;
using Ecom.Contracts;
using Ecom.Contracts.Behaviour;
using Ecom.Contracts.Catalogue;
using Ecom.Contracts.Customers;
using Ecom.Contracts.Models;
using Ecom.Contracts.Orders;
using Ecom.Recommendation;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using StackExchange.Redis;
using Xunit;

namespace Ecom.IntegrationTests.Recommendation;

public sealed class RecommendationTests(Backends backends) : IClassFixture<Backends>, IAsyncLifetime
{
    private static readonly DateTimeOffset _now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
    private readonly Dictionary<string, byte[]> _artefacts = [];
    private readonly string _storage = Directory.CreateTempSubdirectory("ecom-recommendation-").FullName;
    private Dictionary<string, string?> _configuration = [];
    private WebApplication? _training;
    private ServiceHost? _service;

    private ServiceHost Service => _service!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        _training = builder.Build();
        _training.Urls.Add("http://127.0.0.1:0");
        _training.MapGet("/artefacts/{sha}", (string sha) =>
            _artefacts.TryGetValue(sha, out var bytes) ? Results.Bytes(bytes) : Results.NotFound());
        await _training.StartAsync();

        _configuration = new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = (await backends.CreateDatabaseAsync("recommendation")).ConnectionString,
            ["ConnectionStrings:Redis"] = await backends.CreateRedisDatabaseAsync(),
            ["ConnectionStrings:RabbitMq"] = (await backends.CreateVirtualHostAsync()).ToString(),
            ["Services:Training"] = _training.Urls.First(),
            ["Storage:Path"] = _storage,
            ["Recommendation:PopularInterval"] = "00:00:01",
        };
        _service = await StartServiceAsync();
    }

    public async Task DisposeAsync()
    {
        await _service!.DisposeAsync();
        await _training!.DisposeAsync();
        Directory.Delete(_storage, recursive: true);
    }

    [Fact]
    public async Task A_promoted_model_gives_personal_lists_without_bought_and_sold_out_products()
    {
        await TellCatalogueAsync("a", "b", "c", "d", "e");
        await PublishAsync(Order("o1", "ann", "a"));
        await PromoteAsync(version: 1, [["a", "b", "c"], ["a", "b"], ["c", "d"]]);

        var answer = await AskAsync("customerId=ann&count=3", a => a.Items is [{ Source: "personal" }, ..]);

        Assert.Equal("b", answer.Items[0].ProductId);
        Assert.Equal("because_you_bought", answer.Items[0].Reason.Code);
        Assert.Equal("Because you bought Product a", answer.Items[0].Reason.Text);
        Assert.DoesNotContain(answer.Items, item => item.ProductId == "a");
        Assert.False(answer.Degraded);
        var why = await Service.CreateClient("ops").GetStringAsync(
            "/v1/recommendations/explain?customerId=ann&productId=b");
        Assert.Contains("\"list\":\"personal\",\"rank\":1,", why, StringComparison.Ordinal);
        Assert.Contains("\"text\":\"Because you bought Product a\"", why, StringComparison.Ordinal);

        await PublishAsync(Product("b", version: 2, stock: 0));
        await AskAsync("customerId=ann&count=3", a => a.Items.All(item => item.ProductId != "b"));
    }

    [Fact]
    public async Task Nobody_gets_an_empty_list_before_any_model_or_event()
    {
        await TellCatalogueAsync("a", "b");

        var answer = await AskAsync("customerId=nobody&count=5", a => a.Items.Count == 2);

        Assert.True(answer.Degraded);
        Assert.Null(answer.Model);
    }

    [Fact]
    public async Task An_anonymous_visitor_gets_a_list_from_the_session_and_hands_it_over_when_identified()
    {
        await TellCatalogueAsync("a", "b", "c", "d");
        await PromoteAsync(version: 1, [["a", "b"], ["a", "b"], ["c", "d"]]);
        await PublishAsync(View("visitor", "a"));

        var answer = await AskAsync("anonymousId=visitor&count=1", a => a.Items is [{ Source: "session" }]);
        Assert.Equal("b", answer.Items[0].ProductId);
        Assert.Equal("because_you_viewed", answer.Items[0].Reason.Code);

        await PublishAsync(new CustomerIdentified
        {
            EventId = Guid.NewGuid(),
            CustomerId = "bob",
            AnonymousId = "visitor",
            Source = new Source(),
            IdentifiedAt = _now,
            ReceivedAt = _now,
            PartitionKey = "bob",
        });
        await AskAsync("customerId=bob&count=1", a => a.Items is [{ Source: "personal", ProductId: "b" }]);
    }

    [Fact]
    public async Task Similar_products_fill_the_product_page_and_the_cart()
    {
        await TellCatalogueAsync("a", "b", "c", "d");
        await PromoteAsync(version: 1, [["a", "b"], ["a", "b"], ["c", "d"], ["c", "d"], ["b", "c"]]);

        var page = await AskAsync("placement=product&productId=a&count=2", a => a.Model is not null);
        Assert.Equal(("b", "similar"), (page.Items[0].ProductId, page.Items[0].Source));
        Assert.Equal("goes_with", page.Items[0].Reason.Code);

        var cart = await AskAsync("placement=cart&cart=a,c&count=2", a => a.Items.Count == 2);
        Assert.Equal(["b", "d"], cart.Items.Select(item => item.ProductId).Order());
    }

    [Fact]
    public async Task A_roll_back_serves_the_kept_lists_again_and_a_damaged_artefact_changes_nothing()
    {
        await TellCatalogueAsync("a", "b", "c");
        await PublishAsync(View("v", "a"));
        var first = await PromoteAsync(version: 1, [["a", "b"], ["a", "b"]]);
        await AskAsync("anonymousId=v", a => a.Model?.Version == 1);
        await PromoteAsync(version: 2, [["a", "c"], ["a", "c"]]);
        await AskAsync("anonymousId=v", a => a.Model?.Version == 2 && a.Items[0].ProductId == "c");

        await PublishAsync(first with { PreviousVersion = 2 });
        var back = await AskAsync("anonymousId=v", a => a.Model?.Version == 1 && a.Items[0].ProductId == "b");
        Assert.Equal(1, back.Model!.Generation);

        var sha = Convert.ToHexStringLower(SHA256.HashData("expected"u8));
        _artefacts[sha] = [1, 2, 3];
        await PublishAsync(Promotion(3, sha));
        await WaitForGenerationsAsync(text => text.Contains("failed", StringComparison.Ordinal));
        await AskAsync("anonymousId=v", a => a.Model?.Version == 1);
    }

    [Fact]
    public async Task A_roll_back_wins_over_lists_that_are_still_wanted_and_over_an_older_promotion_that_comes_late()
    {
        await TellCatalogueAsync("a", "b", "c");
        await PublishAsync(View("v", "a"));
        var first = await PromoteAsync(version: 1, [["a", "b"], ["a", "b"]]);
        await AskAsync("anonymousId=v", a => a.Model?.Version == 1);

        // The second model's artefact cannot be had yet, so its lists stay wanted while the first is promoted again.
        var (sha, artefact) = Artefact([["a", "c"], ["a", "c"]]);
        await PublishAsync(Promotion(2, sha) with { PromotedAt = _now.AddSeconds(1) });
        await WaitForGenerationsAsync(text => text.Contains("\"modelVersion\":2", StringComparison.Ordinal));
        await PublishAsync(first with { PromotedAt = _now.AddSeconds(3) });
        await WaitForGenerationsAsync(text => !text.Contains("pending", StringComparison.Ordinal));
        _artefacts[sha] = artefact;
        await PublishAsync(Promotion(2, sha) with { PromotedAt = _now.AddSeconds(2) });
        await Task.Delay(TimeSpan.FromSeconds(4));

        await AskAsync("anonymousId=v", a => a.Model is { Version: 1, Generation: 1 });
    }

    [Fact]
    public async Task Two_replicas_share_the_work_count_once_and_answer_alike()
    {
        await using var second = await StartServiceAsync();
        await TellCatalogueAsync("a", "b");
        var order = Order("o1", "ann", "a");
        var view = View("v", "b");
        await PublishAsync(order);
        await PublishAsync(view);
        await PublishAsync(order);
        await PublishAsync(Order("o2", "bea", "b"));
        await PublishAsync(view);
        await PublishAsync(order);

        // A view weighs 1 and an order 20.
        var first = await AskAsync("placement=email&count=2", a => a.Items is [{ Score: 21 }, { Score: 20 }]);
        var other = await AskAsync("placement=email&count=2", a => a.Items is [{ Score: 21 }, { Score: 20 }], second);
        Assert.Equal(first.Items, other.Items);
    }

    [Fact]
    public async Task Lists_and_purchases_that_redis_lost_are_made_anew_and_answers_are_degraded_until_then()
    {
        await TellCatalogueAsync("a", "b", "c", "d");
        await PublishAsync(Order("o1", "ann", "a"));
        await PromoteAsync(version: 1, [["a", "b", "c"], ["a", "b"], ["c", "d"]]);
        var before = await AskAsync("customerId=ann&count=2", a => a.Items is [{ Source: "personal" }, ..]);
        Assert.False(before.Degraded);

        // The lists are not made anew before an answer was seen that tells of the loss.
        await ExecuteAsync("insert into leases (name, owner, expires_at) values ('refresh', 'test', 'infinity') "
            + "on conflict (name) do update set owner = excluded.owner, expires_at = excluded.expires_at");
        await using (var redis = await ConnectionMultiplexer.ConnectAsync(
            _configuration["ConnectionStrings:Redis"] + ",allowAdmin=true"))
        {
            await redis.GetServers()[0].FlushDatabaseAsync(redis.GetDatabase().Database);
        }

        await AskAsync("customerId=ann&count=2", a => a.Degraded);
        await ExecuteAsync("delete from leases where name = 'refresh'");
        var after = await AskAsync("customerId=ann&count=2", a => !a.Degraded && a.Model is { Generation: 2 });
        Assert.Equal(before.Items, after.Items);
    }

    [Fact]
    public async Task The_typed_client_asks_for_a_cart_and_reads_reasons()
    {
        await TellCatalogueAsync("a", "b & c", "d");
        var client = new RecommendationClient(Service.CreateClient("read"));

        var answer = await Eventually.ReadAsync(
            () => client.GetAsync(new RecommendationQuestion { Placement = "cart", Cart = ["b & c"], Count = 2 }),
            found => found.Items.Count == 2);

        Assert.Equal(["a", "d"], answer.Items.Select(item => item.ProductId).Order());
        Assert.All(answer.Items, item => Assert.NotEmpty(item.Reason.Text));
        Assert.True(answer.Degraded);
    }

    [Theory]
    [InlineData("placement=nowhere", HttpStatusCode.BadRequest)]
    [InlineData("count=0", HttpStatusCode.BadRequest)]
    [InlineData("count=51", HttpStatusCode.BadRequest)]
    public async Task A_wrong_question_is_explained(string query, HttpStatusCode expected)
    {
        var answer = await Service.CreateClient("read").GetAsync($"/v1/recommendations?{query}");

        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_key_without_the_scope_is_refused()
    {
        var withoutKey = await Service.CreateClient().GetAsync("/v1/recommendations");
        Assert.Equal(HttpStatusCode.Unauthorized, withoutKey.StatusCode);
        var wrongScope = await Service.CreateClient("ingest").GetAsync("/v1/recommendations");
        Assert.Equal(HttpStatusCode.Forbidden, wrongScope.StatusCode);
    }

    private Task<ServiceHost> StartServiceAsync() => ServiceHost.StartAsync(
        app => app.AddRecommendation(), app => app.MapRecommendation(), _configuration);

    private Task<Answer> AskAsync(string query, Func<Answer, bool> fits, ServiceHost? replica = null)
    {
        var client = (replica ?? Service).CreateClient("read");
        return Eventually.ReadAsync(
            async () => (await client.GetFromJsonAsync<Answer>($"/v1/recommendations?{query}"))!, fits);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = Service.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private async Task TellCatalogueAsync(params string[] products)
    {
        foreach (var product in products)
        {
            await PublishAsync(Product(product, version: 1, stock: 10));
        }
    }

    private async Task<ModelPromoted> PromoteAsync(int version, string[][] baskets)
    {
        // The events before must be in the tables before the lists are made from them.
        await Task.Delay(500);
        var (sha, artefact) = Artefact(baskets);
        _artefacts[sha] = artefact;
        var promotion = Promotion(version, sha);
        await PublishAsync(promotion);
        return promotion;
    }

    private Task WaitForGenerationsAsync(Func<string, bool> fits)
    {
        var ops = Service.CreateClient("ops");
        return Eventually.ReadAsync(() => ops.GetStringAsync("/v1/generations"), fits);
    }

    private static (string Sha256, byte[] Bytes) Artefact(string[][] baskets)
    {
        var ids = baskets.SelectMany(basket => basket).Distinct().Order().ToArray();
        var entries = baskets.Index().SelectMany(basket => basket.Item.Select(product =>
            (User: basket.Index, Item: Array.IndexOf(ids, product)))).ToArray();
        var model = ItemNeighbours.Fit(
            Interactions.Create(
                baskets.Length, ids.Length, [.. entries.Select(e => e.User)], [.. entries.Select(e => e.Item)]),
            ids,
            new ItemNeighboursOptions { Weighting = NeighbourWeighting.Cosine });
        using var stream = new MemoryStream();
        model.Write(stream);
        return (Convert.ToHexStringLower(SHA256.HashData(stream.ToArray())), stream.ToArray());
    }

    private async Task PublishAsync<T>(T message)
        where T : class
    {
        var id = message switch
        {
            OrderPlaced order => order.EventId,
            InteractionsRecorded interactions => interactions.Interactions[0].EventId,
            _ => Guid.NewGuid(),
        };
        await Service.Services.GetRequiredService<IBus>().Publish(message, context => context.MessageId = id);
    }

    private static ModelPromoted Promotion(int version, string sha) => new()
    {
        Model = "recommendation",
        Version = version,
        Trainer = "item-knn",
        ArtefactPath = $"/artefacts/{sha}",
        ArtefactSha256 = sha,
        PromotedBy = "test",
        PromotedAt = _now,
    };

    private static ProductChanged Product(string id, long version, int? stock) => new()
    {
        EventId = Guid.NewGuid(),
        ProductId = id,
        Version = version,
        Name = $"Product {id}",
        Stock = stock,
        ChangedAt = _now,
        ReceivedAt = _now,
        PartitionKey = id,
    };

    private static OrderPlaced Order(string orderId, string customer, params string[] products) => new()
    {
        EventId = Guid.NewGuid(),
        OrderId = orderId,
        CustomerId = customer,
        Lines = [.. products.Select(product => new OrderLine
        {
            ProductId = product,
            Quantity = 1,
            UnitPrice = Pounds(1),
        })],
        Total = Pounds(products.Length),
        Source = new Source(),
        PlacedAt = _now,
        ReceivedAt = _now,
        PartitionKey = customer,
    };

    private static InteractionsRecorded View(string visitor, string product) => new()
    {
        Interactions =
        [
            new Interaction
            {
                EventId = Guid.NewGuid(),
                Kind = InteractionKind.ProductViewed,
                AnonymousId = visitor,
                ProductId = product,
                Source = new Source(),
                OccurredAt = _now,
                ReceivedAt = _now,
                PartitionKey = visitor,
            },
        ],
    };

    private static Money Pounds(long amount) => new()
    {
        Amount = amount * 100,
        Currency = "GBP",
        BaseAmount = amount * 100,
        BaseCurrency = "GBP",
    };

    private sealed record Answer(List<Item> Items, AnswerModel? Model, bool Degraded);

    private sealed record Item(string ProductId, double Score, string Source, ItemReason Reason);

    private sealed record ItemReason(string Code, string Text);

    private sealed record AnswerModel(int Version, long Generation);
}
