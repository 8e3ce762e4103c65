using System.Net.Http.Json;
using Ecom.Contracts;
using Ecom.Contracts.Behaviour;
using Ecom.Contracts.Catalogue;
using Ecom.Contracts.Orders;
using Ecom.Recommendation;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Ecom.IntegrationTests.Recommendation;

/// <summary>The recommendation service without a model: what merchandisers set does not need one.</summary>
internal sealed class RecommendationHost : IAsyncDisposable
{
    private readonly string _storage = Directory.CreateTempSubdirectory("ecom-rules-").FullName;
    private Dictionary<string, string?> _configuration = [];
    private ServiceHost? _service;

    public ServiceHost Service => _service!;

    public HttpClient Read { get; private set; } = null!;

    public HttpClient Ops { get; private set; } = null!;

    /// <summary>The clock that the service is told; null leaves it the real one.</summary>
    public SetClock? Clock { get; private init; }

    public static async Task<RecommendationHost> StartAsync(
        Backends backends, SetClock? clock = null, params (string Key, string Value)[] settings)
    {
        var host = new RecommendationHost { Clock = clock };
        host._configuration = new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = (await backends.CreateDatabaseAsync("recommendation")).ConnectionString,
            ["ConnectionStrings:Redis"] = await backends.CreateRedisDatabaseAsync(),
            ["ConnectionStrings:RabbitMq"] = (await backends.CreateVirtualHostAsync()).ToString(),
            ["Services:Training"] = "http://127.0.0.1:9",
            ["Storage:Path"] = host._storage,
            ["Recommendation:PopularInterval"] = "00:00:01",
            ["Recommendation:SegmentInterval"] = "00:00:01",
        };
        foreach (var (key, value) in settings)
        {
            host._configuration[key] = value;
        }

        host._service = await host.StartReplicaAsync();
        host.Read = host.Service.CreateClient("read");
        host.Ops = host.Service.CreateClient("ops");
        return host;
    }

    public Task<ServiceHost> StartReplicaAsync() => ServiceHost.StartAsync(
        app =>
        {
            if (Clock is not null)
            {
                app.Services.AddSingleton<TimeProvider>(Clock);
            }

            app.AddRecommendation();
        },
        app => app.MapRecommendation(),
        _configuration);

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        Directory.Delete(_storage, recursive: true);
    }

    public Task<NpgsqlConnection> ConnectAsync() =>
        Service.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync().AsTask();

    public async Task<Answered> AskAsync(string query) =>
        (await Read.GetFromJsonAsync<Answered>($"/v1/recommendations?{query}"))!;

    public Task<Answered> AskAsync(string query, Func<Answered, bool> fits) =>
        Eventually.ReadAsync(() => AskAsync(query), fits);

    public Task PublishAsync(object message) =>
        Service.Services.GetRequiredService<IBus>().Publish(
            message,
            message.GetType(),
            context => context.MessageId = message switch
            {
                OrderPlaced order => order.EventId,
                InteractionsRecorded recorded => recorded.Interactions[0].EventId,
                _ => Guid.NewGuid(),
            });

    public async Task TellCatalogueAsync(params ProductChanged[] products)
    {
        foreach (var product in products)
        {
            await PublishAsync(product);
        }

        await AskAsync("placement=trending&count=50", answer => answer.Items.Count >= products.Length);
    }

    public static ProductChanged Product(
        string id, string? brand = null, string? category = null, long? price = null, int? stock = 10) => new()
        {
            EventId = Guid.NewGuid(),
            ProductId = id,
            Version = 1,
            Name = $"Product {id}",
            Brand = brand,
            Category = category,
            Price = price is { } amount ? Pounds(amount) : null,
            Stock = stock,
            ChangedAt = DateTimeOffset.UnixEpoch,
            ReceivedAt = DateTimeOffset.UnixEpoch,
            PartitionKey = id,
        };

    public static Interaction Act(
        InteractionKind kind, string visitor, string product, string? answer, DateTimeOffset at) => new()
        {
            EventId = Guid.NewGuid(),
            Kind = kind,
            AnonymousId = visitor,
            ProductId = product,
            RecommendationId = answer,
            Source = new Source(),
            OccurredAt = at,
            ReceivedAt = at,
            PartitionKey = visitor,
        };

    public static OrderPlaced Order(
        string? customer, string? visitor, DateTimeOffset at, params (string Product, long Pounds)[] lines) => new()
        {
            EventId = Guid.NewGuid(),
            OrderId = Guid.NewGuid().ToString("N"),
            CustomerId = customer,
            AnonymousId = visitor,
            Lines = [.. lines.Select(line => new OrderLine
            {
                ProductId = line.Product,
                Quantity = 1,
                UnitPrice = Pounds(line.Pounds),
            })],
            Total = Pounds(lines.Sum(line => line.Pounds)),
            Source = new Source(),
            PlacedAt = at,
            ReceivedAt = at,
            PartitionKey = customer ?? visitor ?? "none",
        };

    private static Money Pounds(long amount) => new()
    {
        Amount = amount * 100,
        Currency = "GBP",
        BaseAmount = amount * 100,
        BaseCurrency = "GBP",
    };
}

/// <summary>An answer as a storefront reads it.</summary>
internal sealed record Answered
{
    public required string RecommendationId { get; init; }

    public required List<AnsweredItem> Items { get; init; }

    public string? Experiment { get; init; }

    public string? Arm { get; init; }

    public string[] Products => [.. Items.Select(item => item.ProductId)];
}

/// <summary>One product of an answer.</summary>
internal sealed record AnsweredItem
{
    public required string ProductId { get; init; }

    public required string Source { get; init; }
}
