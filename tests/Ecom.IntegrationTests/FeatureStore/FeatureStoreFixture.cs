using Ecom.FeatureStore;
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
    private readonly ConsumeCount _count = new();
    private int _published;

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
        where T : class
    {
        Interlocked.Increment(ref _published);
        return First.Services.GetRequiredService<IBus>().Publish(message, publish => publish.MessageId = messageId);
    }

    /// <summary>
    /// Waits until no message is under way: one of the replicas has consumed each, and what it did is in Redis and in
    /// history. Of a message a feature may be seen before its history is.
    /// </summary>
    /// <remarks>
    /// One queue takes each kind of message. An empty queue says little: messages that are worked on, or wait in memory
    /// to be tried again, are in none.
    /// </remarks>
    public Task QuiesceAsync() => Eventually.ReadAsync(
        () => Task.FromResult((Published: Volatile.Read(ref _published), _count.Consumed)),
        messages => messages.Consumed >= messages.Published,
        seconds: 90);

    private async Task<ServiceHost> StartAsync(Dictionary<string, string?> configuration)
    {
        var host = await ServiceHost.StartAsync(
            builder =>
            {
                builder.Services.AddSingleton<TimeProvider>(new StandingClock());
                builder.AddFeatureStore();
            },
            app => app.MapFeatureStore(),
            configuration);
        host.Services.GetRequiredService<IBusControl>().ConnectConsumeObserver(_count);
        return host;
    }

    private sealed class StandingClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }

    private sealed class ConsumeCount : IConsumeObserver
    {
        private int _consumed;

        public int Consumed => Volatile.Read(ref _consumed);

        public Task PreConsume<T>(ConsumeContext<T> context)
            where T : class => Task.CompletedTask;

        public Task PostConsume<T>(ConsumeContext<T> context)
            where T : class
        {
            Interlocked.Increment(ref _consumed);
            return Task.CompletedTask;
        }

        public Task ConsumeFault<T>(ConsumeContext<T> context, Exception exception)
            where T : class => Task.CompletedTask;
    }
}
