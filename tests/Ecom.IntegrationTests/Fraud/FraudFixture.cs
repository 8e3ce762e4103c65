using System.Text;
using Ecom.Contracts;
using Ecom.Contracts.Fraud;
using Ecom.Contracts.Payments;
using Ecom.Fraud;
using Ecom.Fraud.Jobs;
using Ecom.ServiceDefaults.Messaging;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Ecom.IntegrationTests.Fraud;

/// <summary>Two replicas of fraud on servers of their own.</summary>
public sealed class FraudFixture : IAsyncLifetime
{
    private readonly Backends _backends = new();

    internal ServiceHost First { get; private set; } = null!;

    internal ServiceHost Second { get; private set; } = null!;

    internal TestDatabase Database { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await _backends.InitializeAsync();
        Database = await _backends.CreateDatabaseAsync("fraud");
        var configuration = new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = Database.ConnectionString,
            ["ConnectionStrings:Redis"] = await _backends.CreateRedisDatabaseAsync(),
            ["ConnectionStrings:RabbitMq"] = (await _backends.CreateVirtualHostAsync()).ToString(),
        };
        First = await ServiceHost.StartAsync(app => app.AddFraud(), app => app.MapFraud(), configuration);
        Second = await ServiceHost.StartAsync(app => app.AddFraud(), app => app.MapFraud(), configuration);
    }

    public async Task DisposeAsync()
    {
        await First.DisposeAsync();
        await Second.DisposeAsync();
        await _backends.DisposeAsync();
    }

    /// <summary>Publishes with a message id that stays the same on every delivery.</summary>
    internal Task PublishAsync<T>(Guid messageId, T message)
        where T : class =>
        First.Services.GetRequiredService<IBus>().Publish(message, publish => publish.MessageId = messageId);

    /// <summary>The alerts on the fraud team's queue: message id and body. They stay there.</summary>
    internal async Task<IReadOnlyList<(string? MessageId, FraudAlertRaised Alert)>> PeekAlertsAsync()
    {
        await using var channel = await First.Services.GetRequiredService<Broker>().OpenChannelAsync(default);
        var alerts = new List<(string?, FraudAlertRaised)>();
        while (await channel.BasicGetAsync(AlertRelay.Queue, autoAck: false) is { } got)
        {
            var body = Encoding.UTF8.GetString(got.Body.Span);
            alerts.Add((
                got.BasicProperties.MessageId,
                System.Text.Json.JsonSerializer.Deserialize<FraudAlertRaised>(
                    body, System.Text.Json.JsonSerializerOptions.Web)!));
        }

        await channel.BasicNackAsync(0, multiple: true, requeue: true);
        return alerts;
    }

    internal static PaymentAttempted Payment(string id, string customer, string device, DateTimeOffset at) => new()
    {
        EventId = Guid.NewGuid(),
        PaymentId = id,
        OrderId = "o-" + id,
        CustomerId = customer,
        Amount = new Money { Amount = 5_000, Currency = "GBP", BaseAmount = 5_000, BaseCurrency = "GBP" },
        CardHash = "card-" + customer,
        Source = new Source { DeviceId = device, IpHash = "ip-" + device },
        AttemptedAt = at,
        ReceivedAt = at,
        PartitionKey = customer,
    };
}
