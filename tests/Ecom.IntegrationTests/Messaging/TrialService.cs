using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Dapper;
using Ecom.Contracts;
using Ecom.Contracts.Orders;
using Ecom.ServiceDefaults;
using Ecom.ServiceDefaults.Keys;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Storage;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using RabbitMQ.Client;

namespace Ecom.IntegrationTests.Messaging;

/// <summary>What the consumers of <see cref="TrialService"/> do and have seen.</summary>
internal sealed class TrialScript
{
    /// <summary>Runs before the effect of the fragile consumer; may throw.</summary>
    public Func<OrderPlaced, CancellationToken, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Deliveries by consumer and order.</summary>
    public ConcurrentDictionary<(string Consumer, string OrderId), int> Seen { get; } = new();

    public void Count(string consumer, string orderId) =>
        Seen.AddOrUpdate((consumer, orderId), 1, (_, times) => times + 1);
}

/// <summary>Does what the script says, then writes one row, once a message.</summary>
internal sealed class FragileConsumer(TrialScript script, NpgsqlDataSource database) : IConsumer<OrderPlaced>
{
    public async Task Consume(ConsumeContext<OrderPlaced> context)
    {
        script.Count("fragile", context.Message.OrderId);
        await script.Before(context.Message, context.CancellationToken);
        await using var connection = await database.OpenConnectionAsync(context.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(context.CancellationToken);
        if (await InboxEntry.Of(context).TryRecordAsync(connection, context.CancellationToken))
        {
            await connection.ExecuteAsync(
                "insert into effects (order_id) values (@OrderId)", new { context.Message.OrderId });
        }

        await transaction.CommitAsync(context.CancellationToken);
    }
}

/// <summary>Has no trouble with anything.</summary>
internal sealed class SturdyConsumer(TrialScript script) : IConsumer<OrderPlaced>
{
    public Task Consume(ConsumeContext<OrderPlaced> context)
    {
        script.Count("sturdy", context.Message.OrderId);
        return Task.CompletedTask;
    }
}

/// <summary>A service of two consumers of the same message, one of which fails as a test tells it to.</summary>
internal sealed class TrialService : IAsyncDisposable
{
    public const string Queue = "trial-fragile";
    private readonly TestDatabase _database;
    private readonly Uri _broker;
    private readonly string[] _delays;
    private ServiceHost? _host;

    private TrialService(TestDatabase database, Uri broker, string[] delays)
    {
        _database = database;
        _broker = broker;
        _delays = delays;
    }

    public TrialScript Script { get; } = new();

    public Uri BrokerAddress => _broker;

    public Broker Broker => _host!.Services.GetRequiredService<Broker>();

    /// <param name="backends">Where its servers are.</param>
    /// <param name="broker">A broker of its own; null for a virtual host of the common one.</param>
    /// <param name="delays">Waits of the later retries.</param>
    public static async Task<TrialService> StartAsync(Backends backends, Uri? broker, params string[] delays)
    {
        var database = await backends.CreateDatabaseAsync("trial");
        var service = new TrialService(database, broker ?? await backends.CreateVirtualHostAsync(), delays);
        await service.StartAsync();
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand("create table effects (order_id text not null)");
        await command.ExecuteNonQueryAsync();
        return service;
    }

    public async Task StartAsync()
    {
        var configuration = new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = _database.ConnectionString,
            ["ConnectionStrings:RabbitMq"] = _broker.ToString(),
            ["Messaging:RetryDelays:0"] = "00:00:00.010",
        };
        foreach (var (position, delay) in _delays.Index())
        {
            configuration[$"Messaging:LaterRetryDelays:{position}"] = delay;
        }

        _host = await ServiceHost.StartAsync(
            builder =>
            {
                builder.AddServiceDefaults("trial");
                builder.AddPostgres(typeof(TrialService).Assembly);
                builder.AddMessaging(typeof(TrialService).Assembly);
                builder.Services.AddSingleton(Script);
            },
            app => app.MapServiceDefaults(),
            configuration);
    }

    public async Task StopAsync()
    {
        await _host!.DisposeAsync();
        _host = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }
    }

    public HttpClient CreateClient(string? scope = Scopes.Ops) => _host!.CreateClient(scope);

    // Async, so that MassTransit's ambient log ends with it: it would not survive a restart of the service.
    public async Task PublishAsync(string orderId, Guid? messageId = null)
    {
        var money = new Money { Amount = 100, Currency = "GBP", BaseAmount = 100, BaseCurrency = "GBP" };
        var at = new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
        await _host!.Services.GetRequiredService<IBus>().Publish(
            new OrderPlaced
            {
                EventId = Guid.NewGuid(),
                OrderId = orderId,
                Lines = [new OrderLine { ProductId = "tea", Quantity = 1, UnitPrice = money }],
                Total = money,
                Source = new Source(),
                PlacedAt = at,
                ReceivedAt = at,
                PartitionKey = orderId,
            },
            Pipe.Execute<PublishContext>(context => context.MessageId = messageId ?? context.MessageId));
    }

    /// <summary>Puts bytes into the fragile consumer's queue.</summary>
    public async Task SendRawAsync(string body, string? messageId = null)
    {
        await using var channel = await Broker.OpenChannelAsync(default);
        var properties = new BasicProperties
        {
            ContentType = "application/vnd.masstransit+json",
            MessageId = messageId,
            Headers = new Dictionary<string, object?> { ["header"] = messageId, ["ratio"] = 0.5 },
        };
        await channel.BasicPublishAsync(
            string.Empty, Queue, mandatory: true, properties, Encoding.UTF8.GetBytes(body));
    }

    public async Task<string[]> ReadEffectsAsync()
    {
        await using var source = NpgsqlDataSource.Create(_database.ConnectionString);
        await using var connection = await source.OpenConnectionAsync();
        return [.. await connection.QueryAsync<string>("select order_id from effects order by order_id")];
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var client = CreateClient();
        return await client.GetFromJsonAsync<JsonElement>(path);
    }

    public async Task<(int Status, JsonElement Body)> PostAsync(string path, object? body = null)
    {
        using var client = CreateClient();
        using var answer = await client.PostAsJsonAsync(path, body);
        return ((int)answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }

    /// <summary>Failed messages of the fragile consumer, once there are so many.</summary>
    public async Task<JsonElement[]> ReadErrorsAsync(int count, string state = "parked") =>
        await Eventually.ReadAsync(
            async () =>
            {
                var page = await GetAsync($"/v1/errors?queue={Queue}&state={state}");
                return page.GetProperty("items").EnumerateArray().ToArray();
            },
            items => items.Length == count);
}
