using System.Collections.Concurrent;
using System.Globalization;
using Dapper;
using Ecom.FeatureStore;
using Ecom.FeatureStore.Definitions;
using Ecom.Features;
using Ecom.Features.Online;
using Ecom.Forecasting;
using Ecom.Fraud;
using Ecom.Features.Payments;
using Ecom.Profiling;
using Ecom.Recommendation;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using StackExchange.Redis;

namespace Ecom.IntegrationTests.Replicas;

/// <summary>The five consumers of shop events, each in so many replicas, on databases of their own.</summary>
internal sealed class RunningShop : IAsyncDisposable
{
    private static readonly (string Schema, Action<WebApplicationBuilder> Add, Action<WebApplication> Map)[] _services =
    [
        ("feature_store", builder => builder.AddFeatureStore(), app => app.MapFeatureStore()),
        ("fraud", builder => builder.AddFraud(), app => app.MapFraud()),
        ("profiling", builder => builder.AddProfiling(), app => app.MapProfiling()),
        ("recommendation", builder => builder.AddRecommendation(), app => app.MapRecommendation()),
        ("forecasting", builder => builder.AddForecasting(), app => app.MapForecasting()),
    ];

    // What events did, without what only tells when or by whom it was worked on.
    private static readonly (string Schema, string Sql)[] _effects =
    [
        ("feature_store", "select id || ' ' || line || ' ' || kind || ' ' || at from shop_events"),
        ("feature_store", "select anonymous || ' is ' || customer from identities"),
        ("fraud", "select payment_id || ' ' || base_amount from decisions"),
        ("fraud", "select payment_id from uncounted"),
        ("fraud", "select s::text from sightings s"),
        ("profiling", "select o::text from orders o"),
        ("profiling", "select r::text from refunds r"),
        ("profiling", "select customer_id || ' ' || views || ' ' || carts || ' ' || last_seen_at from customers"),
        ("recommendation", "select v::text from visitor_products v"),
        ("recommendation", "select d::text from product_days d"),
        ("recommendation", "select product_id || ' ' || version || ' ' || stock from products"),
        ("forecasting", "select l::text from order_lines l"),
        ("forecasting", "select product_id || ' ' || version || ' ' || stock from products"),
    ];

    private readonly List<(string Schema, ServiceHost Host, ConsumeCount Count)> _hosts = [];
    private readonly Dictionary<string, TestDatabase> _databases = [];
    private readonly ConcurrentDictionary<Guid, bool> _published = [];
    private string _redis = null!;

    /// <summary>
    /// Published messages that each replica has consumed; what services send each other is not counted.
    /// </summary>
    public IEnumerable<(string Schema, int Consumed)> Work => _hosts.Select(one => (one.Schema, one.Count.Consumed));

    /// <param name="backends">Servers.</param>
    /// <param name="replicas">Instances of each service.</param>
    public static async Task<RunningShop> StartAsync(Backends backends, int replicas)
    {
        var shop = new RunningShop { _redis = await backends.CreateRedisDatabaseAsync() };
        var broker = (await backends.CreateVirtualHostAsync()).ToString();
        foreach (var (schema, add, map) in _services)
        {
            shop._databases[schema] = await backends.CreateDatabaseAsync(schema);
            var configuration = new Dictionary<string, string?>
            {
                // Ten services at once, beside other tests.
                ["ConnectionStrings:Postgres"] =
                    shop._databases[schema].ConnectionString + ";Maximum Pool Size=8",
                ["ConnectionStrings:Redis"] = shop._redis,
                ["ConnectionStrings:RabbitMq"] = broker,
                ["Services:Training"] = "http://127.0.0.1:9",
                ["Services:Ingestion"] = "http://127.0.0.1:9",
                ["Telemetry:SampleRatio"] = "0",
            };
            for (var replica = 0; replica < replicas; replica++)
            {
                var host = await ServiceHost.StartAsync(add, map, configuration);
                var count = new ConsumeCount(shop._published);
                host.Services.GetRequiredService<IBusControl>().ConnectConsumeObserver(count);
                shop._hosts.Add((schema, host, count));
            }
        }

        return shop;
    }

    /// <summary>Publishes as ingestion's outbox does, one message after the other.</summary>
    public async Task PublishAsync(IEnumerable<(Guid Id, object Message)> messages)
    {
        var bus = _hosts[0].Host.Services.GetRequiredService<IBus>();
        foreach (var (id, message) in messages)
        {
            _published[id] = true;
            await bus.Publish(
                message, message.GetType(), Pipe.Execute<PublishContext>(context => context.MessageId = id));
        }
    }

    /// <summary>Waits until the services together have consumed so many messages.</summary>
    public Task ConsumedAsync(int messages) =>
        Eventually.ReadAsync(
            () => Task.FromResult(Work.ToArray()),
            work => work.Sum(one => one.Consumed) >= messages,
            seconds: 90);

    /// <summary>All that the events did: rows of the services, feature states in Redis; in a fixed order.</summary>
    public async Task<IReadOnlyList<string>> EffectsAsync()
    {
        var effects = new List<string>();
        foreach (var (schema, sql) in _effects)
        {
            await using var connection = new NpgsqlConnection(_databases[schema].ConnectionString);
            effects.AddRange((await connection.QueryAsync<string>(sql)).Select(row => $"{schema}: {row}"));
        }

        await using var redis = await ConnectionMultiplexer.ConnectAsync(_redis);
        effects.AddRange(await StatesAsync(redis, "feature-store", ShopFeatures.Set));
        effects.AddRange(await StatesAsync(redis, "fraud", FraudFeatures.Set));
        return [.. effects.Order(StringComparer.Ordinal)];
    }

    // As a read sees them: Redis itself drops tiles that no read can reach only when it next adds.
    private async Task<IEnumerable<string>> StatesAsync(ConnectionMultiplexer redis, string prefix, FeatureSet set)
    {
        var head = $"{prefix}:g1:{{";
        var store = new RedisFeatureStore(redis.GetDatabase(), set, prefix, 1, TimeProvider.System);
        var entities = Keys(redis)
            .Where(key => key.StartsWith(head, StringComparison.Ordinal) && key.EndsWith('}'))
            .Select(key => key[head.Length..^1].Split(':', 2))
            .Select(parts => new EntityKey(Enum.Parse<EntityKind>(parts[0], ignoreCase: true), parts[1]));
        var states = await Task.WhenAll(entities.Select(async entity =>
            (entity, Fields: (await store.ReadStoredAsync(entity, default)).Fields())));
        return states.SelectMany(state => state.Fields.Select(field =>
            $"{prefix}: {state.entity.Kind} {state.entity.Id} {field.Key} {field.Value}"));
    }

    /// <summary>Every key of the services in Redis.</summary>
    public async Task<IReadOnlyList<string>> KeysAsync()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(_redis);
        return [.. Keys(redis)];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, host, _) in _hosts)
        {
            await host.DisposeAsync();
        }
    }

    private IEnumerable<string> Keys(ConnectionMultiplexer redis)
    {
        var number = int.Parse(_redis.Split("defaultDatabase=")[1], CultureInfo.InvariantCulture);
        return redis.GetServers()[0].Keys(number, pageSize: 1_000).Select(key => key.ToString());
    }

    private sealed class ConsumeCount(ConcurrentDictionary<Guid, bool> published) : IConsumeObserver
    {
        private int _consumed;

        public int Consumed => Volatile.Read(ref _consumed);

        public Task PreConsume<T>(ConsumeContext<T> context)
            where T : class => Task.CompletedTask;

        public Task PostConsume<T>(ConsumeContext<T> context)
            where T : class
        {
            if (context.MessageId is { } id && published.ContainsKey(id))
            {
                Interlocked.Increment(ref _consumed);
            }

            return Task.CompletedTask;
        }

        public Task ConsumeFault<T>(ConsumeContext<T> context, Exception exception)
            where T : class => Task.CompletedTask;
    }
}
