using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Ecom.Contracts.Behaviour;
using Ecom.FeatureStore;
using Ecom.FeatureStore.Definitions;
using Ecom.Features;
using Ecom.Features.Online;
using Ecom.ServiceDefaults.Keys;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Online;
using Ecom.ServiceDefaults.Storage;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using StackExchange.Redis;
using Xunit;

namespace Ecom.IntegrationTests.FeatureStore;

/// <summary>Redis dies or forgets in the middle of a stream: values come back, bit for bit, and nobody helps.</summary>
public sealed class RedisLossTests(Backends backends) : IClassFixture<Backends>, IAsyncLifetime
{
    private static readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    private readonly Dictionary<EntityKey, EntityState> _expected = [];
    private OwnRedis _redis = null!;
    private TestDatabase _database = null!;
    private ServiceHost _store = null!;
    private HttpClient _client = null!;
    private int _sent;

    public async Task InitializeAsync()
    {
        _redis = await backends.StartOwnRedisAsync();
        _database = await backends.CreateDatabaseAsync("feature_store");
        _store = await ServiceHost.StartAsync(
            builder => builder.AddFeatureStore(),
            app => app.MapFeatureStore(),
            new Dictionary<string, string?>
            {
                ["ConnectionStrings:Postgres"] = _database.ConnectionString,
                ["ConnectionStrings:Redis"] = _redis.Configuration + ",connectTimeout=1000,asyncTimeout=1000",
                ["ConnectionStrings:RabbitMq"] = (await backends.CreateVirtualHostAsync()).ToString(),
            });
        _client = _store.CreateClient(Scopes.Admin);
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task Deleted_data_are_noticed_and_rebuilt_while_events_go_on()
    {
        await PublishAsync(40);
        await RecordedAsync();
        Assert.False(await IsDegradedAsync());

        // Looked for all the while: it is over a few seconds later.
        var degraded = Eventually.BeTrueAsync(IsDegradedAsync);
        await using (var admin = await ConnectionMultiplexer.ConnectAsync(_redis.Configuration + ",allowAdmin=true"))
        {
            await admin.GetServers()[0].FlushAllDatabasesAsync();
        }

        await PublishAsync(40);
        await degraded;
        await PublishAsync(40);

        await EqualsExpectedAsync();
    }

    [Fact]
    public async Task A_kill_is_taken_for_a_loss_because_the_last_second_may_be_missing()
    {
        await PublishAsync(40);
        await RecordedAsync();
        await _redis.KillAsync();
        var under_way = PublishAsync(40);
        await Task.Delay(3_000);
        await _redis.StartAsync();
        var degraded = Eventually.BeTrueAsync(IsDegradedAsync);
        await under_way;

        await degraded;
        await EqualsExpectedAsync();
        Assert.Equal(0u, await ErrorsAsync());
    }

    [Fact]
    public async Task A_lost_disk_and_a_second_loss_while_it_is_rebuilt_do_no_harm()
    {
        await PublishAsync(40);
        await RecordedAsync();
        await _redis.StopAsync();
        _redis.DeleteFiles();
        await _redis.StartAsync();
        await Eventually.BeTrueAsync(IsDegradedAsync);
        await PublishAsync(40);
        await RecordedAsync();

        // The generation that is building holds the last messages, and loses them.
        await _redis.StopAsync();
        _redis.DeleteFiles();
        await _redis.StartAsync();
        await PublishAsync(10);

        await EqualsExpectedAsync();
    }

    [Fact]
    public async Task A_redelivery_whose_applied_ids_are_pruned_is_stopped_by_the_inbox()
    {
        var message = new InteractionsRecorded { Interactions = [ShopMessages.Viewed(_now, "late", "p")] };
        var bus = _store.Services.GetRequiredService<IBus>();
        var id = Guid.NewGuid();
        await bus.Publish(message, publish => publish.MessageId = id);
        await Eventually.BeTrueAsync(async () => await ViewsAsync() == 1);
        await using (var redis = await ConnectionMultiplexer.ConnectAsync(_redis.Configuration))
        {
            await redis.GetDatabase().KeyDeleteAsync("feature-store:g1:{customer:late}:applied");
        }

        await bus.Publish(message, publish => publish.MessageId = id);
        await bus.Publish(
            new InteractionsRecorded { Interactions = [ShopMessages.Viewed(_now, "late", "p")] },
            publish => publish.MessageId = Guid.NewGuid());

        await Eventually.BeTrueAsync(async () => await ViewsAsync() == 2);
        await Task.Delay(1_000);
        Assert.Equal(2, await ViewsAsync());
    }

    private async Task<double?> ViewsAsync() =>
        (await _client.GetFromJsonAsync<JsonElement>("/v1/features/customer/late?names=customer_views_30d"))
            .GetProperty("features")[0].GetProperty("value").GetDouble();

    private async Task PublishAsync(int count)
    {
        var bus = _store.Services.GetRequiredService<IBus>();
        for (var i = 0; i < count; i++)
        {
            var (n, id) = (_sent++, Guid.NewGuid());
            var message = new InteractionsRecorded
            {
                Interactions = [.. Enumerable.Range(0, 3).Select(j => ShopMessages.Viewed(
                    _now.AddMinutes(-n - (60 * j)), $"c{n % 4}", $"p{(n + j) % 5}", session: $"s{n % 7}"))],
            };
            foreach (var delta in ShopFeatures.Set.Fold(id, ShopEvents.From(message)))
            {
                _expected.TryAdd(delta.Entity, new EntityState(ShopFeatures.Set, delta.Entity.Kind));
                _expected[delta.Entity].Apply(delta);
            }

            // Every message comes twice.
            await bus.Publish(message, publish => publish.MessageId = id);
            await bus.Publish(message, publish => publish.MessageId = id);
            await Task.Delay(10);
        }
    }

    private Task RecordedAsync() => Eventually.ReadAsync(
        async () =>
        {
            await using var connection = new NpgsqlConnection(_database.ConnectionString);
            return await connection.ExecuteScalarAsync<long>("select count(*) from shop_events");
        },
        count => count == _sent * 3L,
        seconds: 60);

    private async Task<bool> IsDegradedAsync()
    {
        using var answer = await _client.GetAsync("/v1/features/customer/c0");
        return answer.IsSuccessStatusCode
            && (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("degraded").GetBoolean();
    }

    // A loss that was not noticed yet is not over.
    private async Task<bool> IsWholeAsync() =>
        await _store.Services.GetRequiredService<RedisEpoch>().TryReadAsync() is { } epoch
        && _store.Services.GetRequiredService<Generations>().Active.Epoch == epoch
        && !await IsDegradedAsync();

    private async Task EqualsExpectedAsync()
    {
        await RecordedAsync();
        await Eventually.BeTrueAsync(IsWholeAsync, seconds: 90);
        var generation = _store.Services.GetRequiredService<OnlineFeatures>().Active.Generation;
        Assert.True(generation > 1);

        // By a connection of the test: the service's does not wait longer than a second.
        await using var redis = await ConnectionMultiplexer.ConnectAsync(_redis.Configuration);
        var active = new RedisFeatureStore(
            redis.GetDatabase(), ShopFeatures.Set, "feature-store", generation, TimeProvider.System);
        Assert.True(_expected.Count > 15);
        foreach (var (entity, state) in _expected)
        {
            Assert.Equal(state.Fields(), (await active.ReadStoredAsync(entity, default)).Fields());
        }
    }

    private async Task<uint> ErrorsAsync() => (await _store.Services.GetRequiredService<Broker>()
        .ReadQueueAsync("feature-store-interactions-recorded_error", default))?.Messages ?? 0;
}
