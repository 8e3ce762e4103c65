using System.Collections.Concurrent;
using Dapper;
using Ecom.Contracts.Behaviour;
using Ecom.Contracts.Orders;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using MassTransit;
using Npgsql;
using RabbitMQ.Client;
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
    public async Task What_waits_does_not_go_to_a_broker_that_came_back_without_its_queues()
    {
        var broker = await backends.StartOwnBrokerAsync();
        var (service, database) = await ingestion.StartAloneAsync(
            broker.Address, ("Messaging:Subscribers:0", "test-everything"));
        await using var stopping = service;
        await using var closing = database;
        var received = new ConcurrentDictionary<Guid, int>();
        var bus = await SubscribeAsync(broker.Address, received);
        await IngestionFixture.SendAsync(service, "/v1/track", IngestionFixture.View("before"));
        await Eventually.BeTrueAsync(() => Task.FromResult(received.Count == 1), seconds: 40);
        await bus.StopAsync();
        await DeleteQueueAsync(broker.Address, "test-everything");
        await broker.StopAsync();

        await IngestionFixture.SendAsync(service, "/v1/track", IngestionFixture.View("away"));
        await broker.StartAsync();
        await Task.Delay(TimeSpan.FromSeconds(8));
        bus = await SubscribeAsync(broker.Address, received);

        await Eventually.ReadAsync(() => Task.FromResult(received.Count), count => count == 2, seconds: 60);
        await bus.StopAsync();
    }

    [Fact]
    public async Task What_is_accepted_during_the_brokers_alarm_is_delivered_when_it_ends()
    {
        var broker = await backends.StartOwnBrokerAsync();
        var (service, database) = await ingestion.StartAloneAsync(
            broker.Address, ("Messaging:Subscribers:0", "test-everything"));
        await using var stopping = service;
        await using var closing = database;
        var received = new ConcurrentDictionary<Guid, int>();
        var bus = await SubscribeAsync(broker.Address, received);
        await IngestionFixture.SendAsync(service, "/v1/track", IngestionFixture.View("before"));
        await Eventually.BeTrueAsync(() => Task.FromResult(received.Count == 1), seconds: 40);

        await broker.AlarmAsync(isOn: true);
        for (var i = 0; i < 20; i++)
        {
            var during = await IngestionFixture.SendAsync(
                service, "/v1/batch", IngestionFixture.Batch(IngestionFixture.View($"during-{i}")));
            Assert.Equal("accepted", during.StatusOf(0));
        }

        await Task.Delay(2_000);
        Assert.Single(received);
        await broker.AlarmAsync(isOn: false);

        await Eventually.ReadAsync(() => Task.FromResult(received.Count), count => count == 21, seconds: 60);
        await bus.StopAsync();
    }

    [Fact]
    public async Task A_long_backlog_is_delivered_whole_though_the_broker_dies_again_meanwhile()
    {
        const int Messages = 2_000;
        const int EventsInOne = 100;
        var broker = await backends.StartOwnBrokerAsync();
        var (service, database) = await ingestion.StartAloneAsync(
            broker.Address, ("Messaging:Subscribers:0", "test-everything"));
        await using var stopping = service;
        await using var closing = database;
        var received = new ConcurrentDictionary<Guid, int>();
        var messages = new ConcurrentDictionary<Guid, int>();
        var bus = await SubscribeAsync(broker.Address, received, messages);
        await IngestionFixture.SendAsync(service, "/v1/track", IngestionFixture.View("before"));
        await Eventually.BeTrueAsync(() => Task.FromResult(!received.IsEmpty), seconds: 40);
        await bus.StopAsync();
        await broker.StopAsync();
        messages.Clear();

        var sent = await IngestionFixture.SendAsync(service, "/v1/batch", IngestionFixture.Batch(
            [.. Enumerable.Range(0, EventsInOne).Select(i => IngestionFixture.View($"away-{i}"))]));
        Assert.Equal(EventsInOne, sent.Body.GetProperty("accepted").GetInt32());
        var ids = await MultiplyAsync(database, Messages);
        await Eventually.ReadAsync(
            () => ReadBacklogAsync(service), outbox => outbox == Messages);
        await broker.StartAsync();
        bus = await SubscribeAsync(broker.Address, received, messages);
        await Eventually.BeTrueAsync(() => Task.FromResult(messages.Count > Messages / 10), seconds: 60);
        await bus.StopAsync();
        await broker.StopAsync();
        await broker.StartAsync();
        bus = await SubscribeAsync(broker.Address, received, messages);

        await Eventually.ReadAsync(() => Task.FromResult(messages.Count), count => count == Messages, seconds: 90);
        Assert.Equal(ids.Order(), messages.Keys.Order());
        await Eventually.ReadAsync(() => ReadBacklogAsync(service), outbox => outbox == 0);
        await bus.StopAsync();
    }

    [Fact]
    public async Task What_waits_is_published_in_the_order_in_which_it_was_recorded()
    {
        var database = await ingestion.CreateDatabaseAsync();
        await (await ingestion.StartOnAsync(database)).DisposeAsync();
        var recorded = await WriteOutboxAsync(database, 60);
        await using var connection = await ConnectAsync(ingestion.VirtualHost);
        await using var channel = await connection.CreateChannelAsync();
        var exchange = $"{typeof(InteractionsRecorded).Namespace}:{nameof(InteractionsRecorded)}";
        await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true);
        await channel.QueueDeclareAsync("test-order");
        await channel.QueueBindAsync("test-order", exchange, string.Empty);

        await using var service = await ingestion.StartOnAsync(database);

        var published = new List<Guid>();
        await Eventually.ReadAsync(
            async () =>
            {
                while (await channel.BasicGetAsync("test-order", autoAck: true) is { } message)
                {
                    published.Add(Guid.Parse(message.BasicProperties.MessageId!));
                }

                return published.Count;
            },
            count => count == recorded.Length);
        Assert.Equal(recorded, published);
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

    private static async Task<long> ReadBacklogAsync(ServiceHost service) =>
        (await IngestionFixture.GetAsync(service, "/v1/summary", "ops"))
            .GetProperty("outbox").GetProperty("rows").GetInt64();

    // Rows as the service writes them, each a message of its own: what minutes of traffic leave behind.
    private static async Task<Guid[]> MultiplyAsync(NpgsqlDataSource database, int messages)
    {
        const string Sql = """
            insert into outbox overriding system value
            select (jsonb_populate_record(row, jsonb_build_object(
                'position', (select max(position) from outbox) + number, 'message_id', gen_random_uuid()))).*
            from outbox as row, generate_series(1, @more) as number
            """;

        await using var connection = await database.OpenConnectionAsync();
        await connection.ExecuteAsync(Sql, new { more = messages - 1 });
        return [.. await connection.QueryAsync<Guid>("select message_id from outbox")];
    }

    private static async Task<Guid[]> WriteOutboxAsync(TestDatabase database, int messages)
    {
        const string Sql = """
            insert into outbox (message_id, message_type, body)
            select gen_random_uuid(), @type, '{}' from generate_series(1, @messages)
            """;

        var type = $"{typeof(InteractionsRecorded).FullName}, Ecom.Contracts";
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var connection = await source.OpenConnectionAsync();
        await connection.ExecuteAsync(Sql, new { type, messages });
        return [.. await connection.QueryAsync<Guid>("select message_id from outbox order by position")];
    }

    private static Task<IConnection> ConnectAsync(Uri broker) =>
        new RabbitMQ.Client.ConnectionFactory { Uri = broker }.CreateConnectionAsync();

    private static async Task DeleteQueueAsync(Uri broker, string queue)
    {
        await using var connection = await ConnectAsync(broker);
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeleteAsync(queue, ifUnused: false, ifEmpty: false);
    }

    private static async Task<IBusControl> SubscribeAsync(
        Uri broker, ConcurrentDictionary<Guid, int> received, ConcurrentDictionary<Guid, int>? messages = null)
    {
        var bus = Bus.Factory.CreateUsingRabbitMq(configure =>
        {
            configure.Host(broker);
            configure.ReceiveEndpoint("test-everything", endpoint =>
            {
                endpoint.Handler<InteractionsRecorded>(context =>
                {
                    messages?.AddOrUpdate(context.MessageId!.Value, 1, (_, count) => count + 1);
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
