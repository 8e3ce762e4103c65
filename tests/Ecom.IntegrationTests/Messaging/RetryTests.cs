using Ecom.ServiceDefaults.Messaging;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using RabbitMQ.Client;
using Xunit;

namespace Ecom.IntegrationTests.Messaging;

/// <summary>What fails comes again later by itself; what cannot succeed is parked.</summary>
public sealed class RetryTests(Backends backends) : IClassFixture<Backends>
{
    [Fact]
    public async Task A_failure_that_outlasts_the_short_retries_heals_by_itself()
    {
        await using var service = await TrialService.StartAsync(backends, null, "00:00:00.200", "00:00:00.400");
        service.Script.Before = (order, _) =>
            order.OrderId == "late" && service.Script.Seen[("fragile", "late")] < 5
                ? throw new InvalidOperationException("The database is away.")
                : Task.CompletedTask;

        await service.PublishAsync("late");
        await service.PublishAsync("neighbour");

        await Eventually.ReadAsync(service.ReadEffectsAsync, effects => effects is ["late", "neighbour"]);
        Assert.Equal(5, service.Script.Seen[("fragile", "late")]);
        Assert.Equal(1, service.Script.Seen[("fragile", "neighbour")]);
        Assert.Equal(1, service.Script.Seen[("sturdy", "late")]);
        await service.ReadErrorsAsync(0, state: "all");
    }

    [Fact]
    public async Task A_time_out_inside_a_consumer_is_a_failure_like_others()
    {
        await using var service = await TrialService.StartAsync(backends, null, "00:00:00.100");
        service.Script.Before = (_, _) => throw new TaskCanceledException("The other service did not answer.");

        await service.PublishAsync("slow");

        var error = Assert.Single(await service.ReadErrorsAsync(1));
        Assert.Equal(2, error.GetProperty("attempts").GetInt32());
    }

    [Fact]
    public async Task What_fails_to_the_end_is_parked_with_its_fault()
    {
        await using var service = await TrialService.StartAsync(backends, null, "00:00:00.100", "00:00:00.200");
        service.Script.Before = (_, _) => throw new InvalidOperationException("Always.");
        var messageId = Guid.NewGuid();

        await service.PublishAsync("hopeless", messageId);

        var error = Assert.Single(await service.ReadErrorsAsync(1));
        Assert.Equal(3, error.GetProperty("attempts").GetInt32());
        Assert.Equal(messageId, error.GetProperty("messageId").GetGuid());
        Assert.Equal("Ecom.Contracts.Orders.OrderPlaced", error.GetProperty("messageType").GetString());
        Assert.Equal("System.InvalidOperationException", error.GetProperty("fault").GetString());
        Assert.Equal("Always.", error.GetProperty("faultMessage").GetString());
        Assert.True(error.GetProperty("firstFailedAt").GetDateTimeOffset()
            < error.GetProperty("lastFailedAt").GetDateTimeOffset());
        var detail = await service.GetAsync($"/v1/errors/{error.GetProperty("id").GetGuid()}");
        Assert.Equal(
            "hopeless", detail.GetProperty("body").GetProperty("message").GetProperty("orderId").GetString());
        Assert.Contains(
            nameof(FragileConsumer), detail.GetProperty("faultStack").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, service.Script.Seen[("sturdy", "hopeless")]);
    }

    [Fact]
    public async Task A_message_that_waits_for_its_retry_shows_in_health_and_outlives_the_service()
    {
        await using var service = await TrialService.StartAsync(backends, null, "00:00:10");
        service.Script.Before = (_, _) => throw new InvalidOperationException("Not yet.");
        await service.PublishAsync("waiting");

        await Eventually.ReadAsync(
            async () => await service.GetAsync("/health/ready"),
            health => health.GetProperty("checks").EnumerateArray()
                .Single(check => check.GetProperty("name").GetString() == "queues")
                .GetProperty("data").GetProperty("trial_retry_10s").GetProperty("messages").GetInt32() == 1);
        await service.StopAsync();
        service.Script.Before = (_, _) => Task.CompletedTask;
        await service.StartAsync();

        await Eventually.ReadAsync(service.ReadEffectsAsync, effects => effects is ["waiting"], seconds: 60);
    }

    [Fact]
    public async Task Unusable_messages_are_parked_at_once_and_their_neighbours_flow()
    {
        await using var service = await TrialService.StartAsync(backends, null, "01:00:00");
        service.Script.Before = (order, _) => order.OrderId == "unusable"
            ? throw new UnusableMessageException("No currency.")
            : Task.CompletedTask;

        await service.PublishAsync("before");
        await service.PublishAsync("unusable");
        await service.SendRawAsync("no JSON at all", messageId: "a\0b");
        await service.SendRawAsync("""
            {"messageId":"8d3c1e0e-0000-0000-0000-000000000001",
             "messageType":["urn:message:Ecom.Contracts.Orders:OrderPlaced"],"message":{"orderId":"half a message"}}
            """);
        await service.SendRawAsync("""
            {"messageId":"8d3c1e0e-0000-0000-0000-000000000002",
             "messageType":["urn:message:Ecom.Contracts.Orders:OrderPlacedV2"],"message":{"orderId":"of tomorrow"}}
            """);
        await service.PublishAsync("after");

        var errors = await service.ReadErrorsAsync(4);
        await Eventually.ReadAsync(service.ReadEffectsAsync, effects => effects is ["after", "before"]);
        Assert.Equal(1, service.Script.Seen[("fragile", "unusable")]);
        Assert.All(errors, error => Assert.Equal(1, error.GetProperty("attempts").GetInt32()));
        var raw = Assert.Single(errors, error => error.GetProperty("messageType").GetString() is null);
        var detail = await service.GetAsync($"/v1/errors/{raw.GetProperty("id").GetGuid()}");
        Assert.Equal("no JSON at all", detail.GetProperty("bodyText").GetString());
        Assert.Single(errors, error =>
            error.GetProperty("messageType").GetString() == "Ecom.Contracts.Orders.OrderPlacedV2");
    }

    [Fact]
    public async Task What_exceeds_the_delivery_limit_is_parked()
    {
        await using var service = await TrialService.StartAsync(backends, null, "00:00:00.100");
        await service.StopAsync();
        var factory = new ConnectionFactory { Uri = service.BrokerAddress };
        await using (var connection = await factory.CreateConnectionAsync())
        {
            await using var channel = await connection.CreateChannelAsync();
            var body = """
                {"messageId":"8d3c1e0e-0000-0000-0000-000000000003",
                 "messageType":["urn:message:Ecom.Contracts.Orders:OrderPlaced"],"message":{"orderId":"deadly"}}
                """u8.ToArray();
            await channel.BasicPublishAsync(
                string.Empty, TrialService.Queue, mandatory: true, new BasicProperties(), body);
            var deliveries = 0;
            await Eventually.BeTrueAsync(async () =>
            {
                var delivered = await channel.BasicGetAsync(TrialService.Queue, autoAck: false);
                if (delivered is not null)
                {
                    deliveries++;
                    await channel.BasicNackAsync(delivered.DeliveryTag, multiple: false, requeue: true);
                }

                return delivered is null && deliveries > 20;
            });
        }

        await service.StartAsync();

        var error = Assert.Single(await service.ReadErrorsAsync(1));
        Assert.Equal("DeliveryLimit", error.GetProperty("fault").GetString());
    }

    [Fact]
    public async Task A_restart_of_the_broker_loses_neither_retries_nor_errors()
    {
        var broker = await backends.StartOwnBrokerAsync();
        await using var service = await TrialService.StartAsync(
            backends, broker.Address, "00:00:01", "00:00:02", "00:00:05", "00:00:10", "00:00:15");
        var failing = true;
        service.Script.Before = (order, _) =>
            order.OrderId.StartsWith("unusable", StringComparison.Ordinal) ? throw new UnusableMessageException("Bad.")
            : failing ? throw new InvalidOperationException("Away.")
            : Task.CompletedTask;
        for (var i = 0; i < 20; i++)
        {
            await service.PublishAsync($"order-{i:00}");
        }

        await Task.Delay(500);
        await broker.StopAsync();
        await broker.StartAsync();
        failing = false;

        await Eventually.ReadAsync(service.ReadEffectsAsync, effects => effects.Length == 20, seconds: 60);
        await service.PublishAsync("unusable-after").WaitAsync(TimeSpan.FromMinutes(1));
        await service.ReadErrorsAsync(1);
        Assert.Equal(20, (await service.ReadEffectsAsync()).Distinct().Count());
    }
}
