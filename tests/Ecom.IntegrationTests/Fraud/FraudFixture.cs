using Ecom.Contracts;
using Ecom.Contracts.Payments;
using Ecom.Fraud;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Ecom.IntegrationTests.Fraud;

/// <summary>Two replicas of fraud on servers of their own.</summary>
public class FraudFixture : IAsyncLifetime
{
    private readonly Backends _backends = new();
    private readonly TeamQueue _team = new();

    // Most tests are about alerts of single keys, which campaigns would gather.
    protected virtual Dictionary<string, string?> Settings { get; } = new() { ["Fraud:Rings:CampaignFrom"] = "1000" };

    internal ServiceHost First { get; private set; } = null!;

    internal ServiceHost Second { get; private set; } = null!;

    internal TestDatabase Database { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await _backends.InitializeAsync();
        Database = await _backends.CreateDatabaseAsync("fraud");
        var configuration = new Dictionary<string, string?>(Settings)
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
        _team.Dispose();
    }

    /// <summary>Publishes with a message id that stays the same on every delivery.</summary>
    internal Task PublishAsync<T>(Guid messageId, T message)
        where T : class =>
        First.Services.GetRequiredService<IBus>().Publish(message, publish => publish.MessageId = messageId);

    /// <summary>All that ever lay in the fraud team's queue, in its order.</summary>
    internal Task<IReadOnlyList<QueuedEvent>> ReadAlertsAsync() => _team.ReadAsync(First);

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

/// <summary>The same, with campaigns, and one rule that raises at will in place of those about rings.</summary>
public sealed class RingFixture : FraudFixture
{
    /// <summary>From this amount on, a payment raises an alert of its customer.</summary>
    internal const long Dear = 40_000;

    protected override Dictionary<string, string?> Settings { get; } = new()
    {
        ["Fraud:Rules:dear:When"] = $"amount >= {Dear}",
        ["Fraud:Rules:dear:Weight"] = "0.6",
        ["Fraud:Rules:dear:Text"] = "Dear.",
        ["Fraud:Rules:ring_growth:Enabled"] = "false",
        ["Fraud:Rules:ring_growth_7d:Enabled"] = "false",
        ["Fraud:Rules:ring_farm:Enabled"] = "false",
    };
}
