using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Ecom.Contracts;
using Ecom.Contracts.Orders;
using Ecom.FeatureStore;
using Ecom.Recommendation;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Ecom.Training;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Ecom.IntegrationTests.EndToEnd;

/// <summary>A model through three services: orders, training, promotion, lists, answer, roll back.</summary>
public sealed class ModelFlowTests(Backends backends) : IClassFixture<Backends>, IAsyncLifetime
{
    private readonly string _storage = Directory.CreateTempSubdirectory("ecom-model-flow-").FullName;
    private readonly List<ServiceHost> _hosts = [];
    private Uri _virtualHost = null!;
    private string _redis = null!;

    public async Task InitializeAsync()
    {
        _virtualHost = await backends.CreateVirtualHostAsync();
        _redis = await backends.CreateRedisDatabaseAsync();
    }

    public async Task DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.DisposeAsync();
        }

        Directory.Delete(_storage, recursive: true);
    }

    [Fact]
    public async Task A_model_is_trained_promoted_made_into_lists_served_and_rolled_back()
    {
        var features = await StartAsync("feature_store", b => b.AddFeatureStore(), app => app.MapFeatureStore());
        var training = await StartAsync(
            "training", b => b.AddTraining(), app => app.MapTraining(), ("Services:FeatureStore", features.Address));
        var recommendation = await StartAsync(
            "recommendation",
            b => b.AddRecommendation(),
            app => app.MapRecommendation(),
            ("Services:Training", training.Address));
        await PublishOrdersAsync(features);

        await TrainAsync(training, "popularity");
        await TrainAsync(training, "item-knn");
        var answer = await AskAsync(recommendation, version: 2);

        // Customers of a taste buy within twelve products; popularity could not tell the tastes apart.
        var taste = answer["items"]!.AsArray().Count(item =>
            int.Parse(item!["productId"]!.GetValue<string>()[1..], null) < 12);
        Assert.True(taste >= 3, $"Only {taste} of 4 are of the customer's taste: {answer}");
        Assert.Equal("personal", answer["items"]![0]!["source"]!.GetValue<string>());

        using var rolledBack = await training.CreateClient("ops").PostAsJsonAsync(
            "/v1/models/recommendation/rollback", new { reason = "test" });
        rolledBack.EnsureSuccessStatusCode();
        await AskAsync(recommendation, version: 1);
    }

    private async Task<ServiceHost> StartAsync(
        string schema,
        Action<WebApplicationBuilder> add,
        Action<WebApplication> map,
        params (string Key, Uri Address)[] services)
    {
        var configuration = new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = (await backends.CreateDatabaseAsync(schema)).ConnectionString,
            ["ConnectionStrings:Redis"] = _redis,
            ["ConnectionStrings:RabbitMq"] = _virtualHost.ToString(),
            ["Services:Ingestion"] = "http://127.0.0.1:9",
            ["Storage:Path"] = Path.Combine(_storage, schema),
            ["Training:Threads"] = "1",
            ["Training:PollInterval"] = "00:00:00.2",
        };
        foreach (var (key, address) in services)
        {
            configuration[key] = address.ToString();
        }

        Directory.CreateDirectory(configuration["Storage:Path"]!);
        var host = await ServiceHost.StartAsync(add, map, configuration);
        _hosts.Add(host);
        return host;
    }

    private static async Task PublishOrdersAsync(ServiceHost host)
    {
        var bus = host.Services.GetRequiredService<IBus>();
        var lines = PlantedTastes.Lines(customers: 80).Select(line => JsonNode.Parse(line)!).ToArray();
        await Task.WhenAll(lines.Index().Select(line => bus.Publish(ToOrder(line.Index, line.Item))));
        var client = host.CreateClient("ops");
        await Eventually.ReadAsync(
            async () => (await client.GetStringAsync("/v1/history/interactions")).Count(character => character == '\n'),
            rows => rows >= lines.Length,
            seconds: 60);
    }

    private static OrderPlaced ToOrder(int number, JsonNode line)
    {
        var money = new Money { Amount = 500, Currency = "GBP", BaseAmount = 500, BaseCurrency = "GBP" };
        var at = line["at"]!.GetValue<DateTimeOffset>();
        return new OrderPlaced
        {
            EventId = Guid.NewGuid(),
            OrderId = $"o-{number}",
            CustomerId = line["customerId"]!.GetValue<string>(),
            Lines =
            [
                new OrderLine
                {
                    ProductId = line["productId"]!.GetValue<string>(),
                    Quantity = 1,
                    UnitPrice = money,
                },
            ],
            Total = money,
            Source = new Source(),
            PlacedAt = at,
            ReceivedAt = at,
            Backfill = true,
            PartitionKey = line["customerId"]!.GetValue<string>(),
        };
    }

    private static async Task TrainAsync(ServiceHost training, string trainer)
    {
        var client = training.CreateClient("ops");
        using var started = await client.PostAsJsonAsync("/v1/runs", new { trainer });
        var run = await started.Content.ReadFromJsonAsync<JsonNode>();
        await Eventually.ReadAsync(
            async () => (await client.GetFromJsonAsync<JsonNode>($"/v1/runs/{run!["runId"]}"))!,
            current => current["state"]!.GetValue<string>() == "succeeded",
            seconds: 60);
    }

    private static Task<JsonNode> AskAsync(ServiceHost recommendation, int version)
    {
        var client = recommendation.CreateClient("read");
        return Eventually.ReadAsync(
            async () => (await client.GetFromJsonAsync<JsonNode>("/v1/recommendations?customerId=c0&count=4"))!,
            answer => answer["model"]?["version"]?.GetValue<int>() == version,
            seconds: 40);
    }
}
