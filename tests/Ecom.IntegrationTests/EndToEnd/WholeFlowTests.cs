using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Ecom.FeatureStore;
using Ecom.Fraud;
using Ecom.Ingestion;
using Ecom.Profiling;
using Ecom.Recommendation;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Xunit;

namespace Ecom.IntegrationTests.EndToEnd;

/// <summary>One batch of a storefront through five services, each with its own database, on one broker.</summary>
public sealed class WholeFlowTests(Backends backends) : IClassFixture<Backends>, IAsyncLifetime
{
    private static readonly string[] _subscribers =
    [
        "feature-store-interactions-recorded", "feature-store-order-placed", "feature-store-payment-attempted",
        "recommendation-interactions-recorded", "recommendation-order-placed", "profiling-interactions-recorded",
        "profiling-order-placed", "fraud-interactions-recorded", "fraud-order-placed", "fraud-payment-attempted",
    ];

    private readonly List<ServiceHost> _hosts = [];
    private readonly ConcurrentBag<Activity> _spans = [];
    private ActivityListener? _listener;
    private Uri _virtualHost = null!;
    private string _redis = null!;

    public async Task InitializeAsync()
    {
        _virtualHost = await backends.CreateVirtualHostAsync();
        _redis = await backends.CreateRedisDatabaseAsync();
        _listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _spans.Add,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public async Task DisposeAsync()
    {
        _listener?.Dispose();
        foreach (var host in _hosts)
        {
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task One_batch_is_kept_until_every_subscriber_is_there_and_its_trace_goes_through_all_of_them()
    {
        var ingestion = await StartAsync("ingestion", b => b.AddIngestion(), app => app.MapIngestion());
        var answer = await SendAsync(ingestion);
        var traceId = answer["traceId"]!.GetValue<string>();
        Assert.Equal(3, answer["accepted"]!.GetValue<int>());

        // Nobody has a queue yet: everything waits in the outbox, and nothing of it is lost.
        await Task.Delay(TimeSpan.FromSeconds(2));
        Assert.Equal(3, await OutboxRowsAsync(ingestion));

        var features = await StartAsync("feature_store", b => b.AddFeatureStore(), app => app.MapFeatureStore());
        await StartAsync("recommendation", b => b.AddRecommendation(), app => app.MapRecommendation());
        var profiling = await StartAsync("profiling", b => b.AddProfiling(), app => app.MapProfiling());
        var fraud = await StartAsync("fraud", b => b.AddFraud(), app => app.MapFraud());

        await Eventually.BeTrueAsync(async () => await OutboxRowsAsync(ingestion) == 0, seconds: 60);
        await ReadAsync(fraud, "fraud", "/v1/decisions/p-1", decision => decision["paymentId"] is not null);
        await ReadAsync(profiling, "read", "/v1/customers/ann/profile", profile =>
            profile["orders"]!.GetValue<int>() == 1 && profile["spent"]!.GetValue<long>() == 2_000
            && profile["views"]!.GetValue<long>() == 1);
        const string Features = "/v1/features/customer/ann?names=customer_orders_30d,customer_views_30d";
        await ReadAsync(features, "read", Features, read =>
            read["features"]!.AsArray().All(feature => feature!["value"]!.ToString() == "1"));

        string[] expected = [.. _subscribers.Select(queue => $"{queue} process"), "assess payment", "POST /v1/batch"];
        await Eventually.ReadAsync(
            () => Task.FromResult(string.Join(
                ", ", expected.Except(SpansOf(traceId).Select(span => span.DisplayName)))),
            missing => missing.Length == 0);
    }

    private IEnumerable<Activity> SpansOf(string traceId) =>
        _spans.Where(span => span.TraceId.ToHexString() == traceId);

    private async Task<ServiceHost> StartAsync(
        string schema, Action<WebApplicationBuilder> add, Action<WebApplication> map)
    {
        var configuration = new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = (await backends.CreateDatabaseAsync(schema)).ConnectionString,
            ["ConnectionStrings:Redis"] = _redis,
            ["ConnectionStrings:RabbitMq"] = _virtualHost.ToString(),
            ["Services:Training"] = "http://127.0.0.1:9",
            ["Services:Ingestion"] = "http://127.0.0.1:9",
        };
        if (schema == "ingestion")
        {
            foreach (var (position, queue) in _subscribers.Index())
            {
                configuration[$"Messaging:Subscribers:{position}"] = queue;
            }
        }

        var host = await ServiceHost.StartAsync(add, map, configuration);
        _hosts.Add(host);
        return host;
    }

    private static async Task<JsonNode> SendAsync(ServiceHost ingestion)
    {
        var now = TimeProvider.System.GetUtcNow();
        object[] batch =
        [
            Event("Product Viewed", new { product_id = "tea" }),
            Event("Order Completed", new
            {
                order_id = "o-1",
                currency = "GBP",
                products = new[] { new { product_id = "tea", price = 10.0, quantity = 2 } },
            }),
            Event("Payment Attempted", new { payment_id = "p-1", order_id = "o-1", amount = 20.0, currency = "GBP" }),
        ];
        using var answer = await ingestion.CreateClient("ingest").PostAsJsonAsync("/v1/batch", new { batch });
        Assert.Equal(System.Net.HttpStatusCode.Accepted, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!;

        object Event(string name, object properties) => new
        {
            type = "track",
            @event = name,
            messageId = name,
            userId = "ann",
            timestamp = now.AddSeconds(-5),
            context = new { ip = "203.0.113.7", device = new { id = "d-1" }, sessionId = "s-1" },
            properties,
        };
    }

    private static async Task<long> OutboxRowsAsync(ServiceHost ingestion) =>
        (await ingestion.CreateClient("ops").GetFromJsonAsync<JsonNode>("/v1/summary"))!
            ["outbox"]!["rows"]!.GetValue<long>();

    private static Task<JsonNode?> ReadAsync(
        ServiceHost host, string scope, string path, Func<JsonNode, bool> fits)
    {
        var client = host.CreateClient(scope);
        return Eventually.ReadAsync(
            async () =>
            {
                using var answer = await client.GetAsync(path);
                return answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<JsonNode>() : null;
            },
            read => read is not null && fits(read),
            seconds: 40);
    }
}
