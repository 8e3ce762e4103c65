using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Ecom.Contracts;
using Ecom.Contracts.Orders;
using Ecom.Forecasting;
using Ecom.ServiceDefaults.Keys;
using Ecom.ServiceDefaults.Messaging;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using RabbitMQ.Client;
using Xunit;

namespace Ecom.IntegrationTests.Messaging;

public sealed class PoisonTests(Backends backends) : IClassFixture<Backends>, IAsyncLifetime
{
    private const string Queue = "forecasting-order-placed";
    private ServiceHost? _service;

    private IServiceProvider Services => _service!.Services;

    public async Task InitializeAsync() => _service = await ServiceHost.StartAsync(
        app => app.AddForecasting(),
        app => app.MapForecasting(),
        new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = (await backends.CreateDatabaseAsync("forecasting")).ConnectionString,
            ["ConnectionStrings:RabbitMq"] = (await backends.CreateVirtualHostAsync()).ToString(),
        });

    public async Task DisposeAsync() => await _service!.DisposeAsync();

    [Fact]
    public async Task Poison_is_parked_and_the_rest_flows()
    {
        await PublishAsync("before");
        await SendRawAsync("no JSON at all");
        await SendRawAsync("""
            {"messageId":"8d3c1e0e-0000-0000-0000-000000000001",
             "messageType":["urn:message:Ecom.Contracts.Orders:OrderPlaced"],"message":{"orderId":"half a message"}}
            """);
        await PublishAsync("after");

        await Eventually.BeTrueAsync(async () => await CountOrdersAsync() == 2);
        var health = await Eventually.ReadAsync(
            () => _service!.CreateClient().GetStringAsync("/health/ready"),
            text => text.Contains("\"errors\": 2", StringComparison.Ordinal));
        Assert.Contains("\"status\": \"ready\"", health, StringComparison.Ordinal);
        var errors = await _service!.CreateClient(Scopes.Ops).GetFromJsonAsync<JsonElement>("/v1/errors");
        Assert.Equal(2, errors.GetProperty("items").GetArrayLength());
    }

    private async Task SendRawAsync(string body)
    {
        await using var channel = await Services.GetRequiredService<Broker>().OpenChannelAsync(default);
        await channel.BasicPublishAsync(
            Queue,
            routingKey: string.Empty,
            mandatory: true,
            new BasicProperties { ContentType = "application/vnd.masstransit+json" },
            Encoding.UTF8.GetBytes(body));
    }

    private Task PublishAsync(string orderId)
    {
        var money = new Money { Amount = 100, Currency = "GBP", BaseAmount = 100, BaseCurrency = "GBP" };
        var at = new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
        return Services.GetRequiredService<IBus>().Publish(new OrderPlaced
        {
            EventId = Guid.NewGuid(),
            OrderId = orderId,
            Lines = [new OrderLine { ProductId = "tea", Quantity = 1, UnitPrice = money }],
            Total = money,
            Source = new Source(),
            PlacedAt = at,
            ReceivedAt = at,
            PartitionKey = orderId,
        });
    }

    private async Task<long> CountOrdersAsync()
    {
        await using var command = Services.GetRequiredService<NpgsqlDataSource>()
            .CreateCommand("select count(*) from order_lines");
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
