using System.Collections.Concurrent;
using Dapper;
using Ecom.Contracts.Behaviour;
using Ecom.Contracts.Orders;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using MassTransit;
using Xunit;

namespace Ecom.IntegrationTests.Ingestion;

/// <summary>Events are accepted while the broker is away, and all of them are delivered when it is back.</summary>
public sealed class BrokerTests(IngestionFixture ingestion, Backends backends)
    : IClassFixture<IngestionFixture>, IClassFixture<Backends>
{
    [Fact]
    public async Task What_is_accepted_without_broker_is_delivered_when_it_is_back()
    {
        var broker = await backends.StartOwnBrokerAsync();
        var (service, database) = await ingestion.StartAloneAsync(
            broker.Address, ("Messaging:Subscribers:0", "test-everything"), ("Ingestion:MaxBacklog", "1000000"));
        await using var stopping = service;
        await using var closing = database;
        var received = new ConcurrentDictionary<Guid, int>();
        var bus = await SubscribeAsync(broker.Address, received);
        await IngestionFixture.SendAsync(service, "/v1/track", IngestionFixture.View("before"));
        await Eventually.BeTrueAsync(() => Task.FromResult(!received.IsEmpty), seconds: 40);
        await bus.StopAsync();

        await broker.StopAsync();
        var away = await IngestionFixture.SendAsync(service, "/v1/batch", IngestionFixture.Batch(
        [
            .. Enumerable.Range(0, 300).Select(i => IngestionFixture.View($"away-{i}")),
            """
            {"type":"track","event":"Order Completed","userId":"u","properties":{"order_id":"away",
             "products":[{"product_id":"p","price":1}]}}
            """,
        ]));
        using var client = service.CreateClient();
        using var ready = await client.GetAsync("/health/ready");
        await broker.StartAsync();
        bus = await SubscribeAsync(broker.Address, received);

        Assert.Equal(301, away.Body.GetProperty("accepted").GetInt32());
        Assert.Equal(200, (int)ready.StatusCode);
        await Eventually.ReadAsync(() => Task.FromResult(received.Count), count => count == 302, seconds: 60);
        await bus.StopAsync();
    }

    [Fact]
    public async Task A_full_backlog_shuts_the_door_with_503_and_opens_it_again()
    {
        var (service, database) = await ingestion.StartAloneAsync(
            null, ("Messaging:Subscribers:0", "none-such"), ("Ingestion:MaxBacklog", "5"));
        await using var stopping = service;
        await using var closing = database;
        for (var i = 0; i < 6; i++)
        {
            await IngestionFixture.SendAsync(service, "/v1/track", IngestionFixture.View($"fill-{i}"));
        }

        var full = await Eventually.ReadAsync(
            () => IngestionFixture.SendAsync(service, "/v1/track", IngestionFixture.View("more")),
            reply => reply.Status == 503);

        Assert.Equal("application/problem+json", full.MediaType);
        Assert.NotNull(full.Headers.RetryAfter);
        await using var connection = await database.OpenConnectionAsync();
        await connection.ExecuteAsync("delete from outbox");
        await Eventually.ReadAsync(
            () => IngestionFixture.SendAsync(service, "/v1/track", IngestionFixture.View("open again")),
            reply => reply.Status == 202);
    }

    private static async Task<IBusControl> SubscribeAsync(Uri broker, ConcurrentDictionary<Guid, int> received)
    {
        var bus = Bus.Factory.CreateUsingRabbitMq(configure =>
        {
            configure.Host(broker);
            configure.ReceiveEndpoint("test-everything", endpoint =>
            {
                endpoint.Handler<InteractionsRecorded>(context =>
                {
                    foreach (var interaction in context.Message.Interactions)
                    {
                        received.AddOrUpdate(interaction.EventId, 1, (_, count) => count + 1);
                    }

                    return Task.CompletedTask;
                });
                endpoint.Handler<OrderPlaced>(context =>
                {
                    Assert.Equal(context.Message.EventId, context.MessageId);
                    received.AddOrUpdate(context.Message.EventId, 1, (_, count) => count + 1);
                    return Task.CompletedTask;
                });
            });
        });
        await bus.StartAsync();
        return bus;
    }
}
