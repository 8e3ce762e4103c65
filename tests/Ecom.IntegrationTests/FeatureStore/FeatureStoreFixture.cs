using Ecom.FeatureStore;
using Ecom.ServiceDefaults.Messaging;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Ecom.IntegrationTests.FeatureStore;

/// <summary>Two replicas of the feature store on servers of their own, with a clock that stands still.</summary>
public sealed class FeatureStoreFixture : IAsyncLifetime
{
    /// <summary>What the services take for now: all events of these tests happened before.</summary>
    public static readonly DateTimeOffset Now = new(2025, 6, 15, 12, 30, 0, TimeSpan.Zero);

    private readonly Backends _backends = new();

    internal ServiceHost First { get; private set; } = null!;

    internal ServiceHost Second { get; private set; } = null!;

    internal TestDatabase Database { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await _backends.InitializeAsync();
        Database = await _backends.CreateDatabaseAsync("feature_store");
        var configuration = new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = Database.ConnectionString,
            ["ConnectionStrings:Redis"] = await _backends.CreateRedisDatabaseAsync(),
            ["ConnectionStrings:RabbitMq"] = (await _backends.CreateVirtualHostAsync()).ToString(),
        };
        First = await StartAsync(configuration);
        Second = await StartAsync(configuration);
    }

    public async Task DisposeAsync()
    {
        await First.DisposeAsync();
        await Second.DisposeAsync();
        await _backends.DisposeAsync();
    }

    /// <summary>
    /// Publishes as ingestion's outbox does: with a message id that stays the same on every delivery.
    /// </summary>
    public Task PublishAsync<T>(Guid messageId, T message)
        where T : class =>
        First.Services.GetRequiredService<IBus>().Publish(message, publish => publish.MessageId = messageId);

    /// <summary>
    /// Waits until no message is under way: the queues are empty, and stay so while one could be worked on.
    /// </summary>
    public async Task QuiesceAsync()
    {
        var broker = First.Services.GetRequiredService<Broker>();
        string[] queues =
        [
            "feature-store-interactions-recorded", "feature-store-order-placed", "feature-store-payment-attempted",
            "feature-store-payment-disputed", "feature-store-customer-identified", "feature-store-customer-erased",
        ];
        var calm = 0;
        while (calm < 4)
        {
            var waiting = 0u;
            foreach (var queue in queues)
            {
                waiting += (await broker.ReadQueueAsync(queue, default))?.Messages ?? 0;
            }

            calm = waiting == 0 ? calm + 1 : 0;
            await Task.Delay(100);
        }
    }

    private static Task<ServiceHost> StartAsync(Dictionary<string, string?> configuration) => ServiceHost.StartAsync(
        builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(new StandingClock());
            builder.AddFeatureStore();
        },
        app => app.MapFeatureStore(),
        configuration);

    private sealed class StandingClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
