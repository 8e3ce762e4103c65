using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Ecom.FeatureStore;
using Ecom.Ingestion;
using Ecom.ServiceDefaults.Keys;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Npgsql;
using StackExchange.Redis;
using Xunit;

namespace Ecom.IntegrationTests.FeatureStore;

/// <summary>A feature store that came late: the bus brings it nothing, ingestion's log everything.</summary>
public sealed class LogFillTests(Backends backends) : IClassFixture<Backends>
{
    [Fact]
    public async Task A_store_that_came_late_is_filled_from_the_log_and_twice_changes_nothing()
    {
        await using var ingestion = await ServiceHost.StartAsync(
            builder => builder.AddIngestion(),
            app => app.MapIngestion(),
            new Dictionary<string, string?>
            {
                ["ConnectionStrings:Postgres"] = (await backends.CreateDatabaseAsync("ingestion")).ConnectionString,
                ["ConnectionStrings:RabbitMq"] = (await backends.CreateVirtualHostAsync()).ToString(),
            });
        await SendAsync(ingestion);
        var database = await backends.CreateDatabaseAsync("feature_store");
        var redis = await backends.CreateRedisDatabaseAsync();
        await using var store = await ServiceHost.StartAsync(
            builder => builder.AddFeatureStore(),
            app => app.MapFeatureStore(),
            new Dictionary<string, string?>
            {
                ["ConnectionStrings:Postgres"] = database.ConnectionString,
                ["ConnectionStrings:Redis"] = redis,
                ["ConnectionStrings:RabbitMq"] = (await backends.CreateVirtualHostAsync()).ToString(),
                ["Services:Ingestion"] = ingestion.Address.ToString(),
            });
        using var client = store.CreateClient(Scopes.Admin);

        await FillAsync(client);
        await RebuiltAsync(client);
        var first = await client.GetFromJsonAsync<JsonElement>("/v1/features/customer/late");
        await FillAsync(client);
        var during = await client.GetFromJsonAsync<JsonElement>("/v1/features/customer/late");
        await RebuiltAsync(client);
        var second = await client.GetFromJsonAsync<JsonElement>("/v1/features/customer/late");
        await ForgetMessagesAsync(database, redis);
        await FillAsync(client);
        var third = await client.GetFromJsonAsync<JsonElement>("/v1/features/customer/late");

        Assert.Equal(1, Value(first, "customer_orders_30d"));
        Assert.Equal(3, Value(first, "customer_views_30d"));
        Assert.True(during.GetProperty("degraded").GetBoolean());
        Assert.Equal(1, Value(second, "customer_orders_30d"));
        Assert.Equal(3, Value(second, "customer_views_30d"));
        Assert.Equal(1, Value(third, "customer_orders_30d"));
        Assert.Equal(3, Value(third, "customer_views_30d"));
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        Assert.Equal(5, await connection.ExecuteScalarAsync<long>("select count(*) from shop_events"));
        Assert.Contains(
            "feature-store-order-placed", await connection.QueryAsync<string>("select endpoint from inbox"));
    }

    [Fact]
    public async Task Between_history_and_live_nothing_is_lost_and_nothing_counts_twice()
    {
        var broker = (await backends.CreateVirtualHostAsync()).ToString();
        await using var ingestion = await ServiceHost.StartAsync(
            builder => builder.AddIngestion(),
            app => app.MapIngestion(),
            new Dictionary<string, string?>
            {
                ["ConnectionStrings:Postgres"] = (await backends.CreateDatabaseAsync("ingestion")).ConnectionString,
                ["ConnectionStrings:RabbitMq"] = broker,
            });

        // Nobody subscribes yet: the bus forgets these.
        await SendViewsAsync(ingestion, 0, 30);
        await using var store = await ServiceHost.StartAsync(
            builder => builder.AddFeatureStore(),
            app => app.MapFeatureStore(),
            new Dictionary<string, string?>
            {
                ["ConnectionStrings:Postgres"] =
                    (await backends.CreateDatabaseAsync("feature_store")).ConnectionString,
                ["ConnectionStrings:Redis"] = await backends.CreateRedisDatabaseAsync(),
                ["ConnectionStrings:RabbitMq"] = broker,
                ["Services:Ingestion"] = ingestion.Address.ToString(),
            });
        using var client = store.CreateClient(Scopes.Admin);
        using var begun = await client.PostAsync("/v1/log-fills", null);
        begun.EnsureSuccessStatusCode();
        await SendViewsAsync(ingestion, 30, 120);

        await Eventually.ReadAsync(
            async () => await client.GetFromJsonAsync<JsonElement>("/v1/features/customer/late"),
            read => !read.GetProperty("degraded").GetBoolean() && Value(read, "customer_views_30d") == 150,
            seconds: 40);
        Assert.True(
            (await client.GetFromJsonAsync<JsonElement[]>("/v1/log-fills"))![0].GetProperty("done").GetBoolean());
    }

    private static async Task SendViewsAsync(ServiceHost ingestion, int from, int count)
    {
        using var client = ingestion.CreateClient(Scopes.Ingest);
        foreach (var i in Enumerable.Range(from, count))
        {
            using var answer = await client.PostAsJsonAsync("/v1/track", new
            {
                type = "track",
                @event = "Product Viewed",
                userId = "late",
                messageId = $"view-{i}",
                properties = new { product_id = "p1" },
            });
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        }
    }

    // What weeks do: the inbox is pruned, and so are the ids of applied messages in Redis.
    private static async Task ForgetMessagesAsync(TestDatabase database, string redis)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        Assert.NotEqual(0, await connection.ExecuteAsync("delete from inbox"));
        await using var server = await ConnectionMultiplexer.ConnectAsync(redis);
        var keys = server.GetServers()[0].Keys(server.GetDatabase().Database, "*:applied").ToArray();
        Assert.NotEqual(0, await server.GetDatabase().KeyDeleteAsync(keys));
    }

    private static async Task SendAsync(ServiceHost ingestion)
    {
        var events = Enumerable.Range(1, 3).Select(i => (object)new
        {
            type = "track",
            @event = "Product Viewed",
            userId = "late",
            messageId = $"view-{i}",
            timestamp = TimeProvider.System.GetUtcNow().AddHours(-i),
            properties = new { product_id = $"p{i}", name = "A mug", price = 2.5, currency = "GBP" },
        }).Append(new
        {
            type = "track",
            @event = "Order Completed",
            userId = "late",
            messageId = "order-1",
            timestamp = TimeProvider.System.GetUtcNow().AddHours(-1),
            properties = new
            {
                order_id = "o1",
                total = 5.0,
                currency = "GBP",
                products = new[] { new { product_id = "p1", name = "A mug", price = 2.5, quantity = 2 } },
            },
        });
        using var client = ingestion.CreateClient(Scopes.Ingest);
        using var answer = await client.PostAsJsonAsync("/v1/batch", new { batch = events });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static async Task FillAsync(HttpClient client)
    {
        using var begun = await client.PostAsync("/v1/log-fills", null);
        begun.EnsureSuccessStatusCode();
        await Eventually.ReadAsync(
            async () => (await client.GetFromJsonAsync<JsonElement[]>("/v1/log-fills"))![0],
            fill => fill.GetProperty("done").GetBoolean());
    }

    private static async Task RebuiltAsync(HttpClient client) => await Eventually.ReadAsync(
        async () => await client.GetFromJsonAsync<JsonElement>("/v1/features/customer/late"),
        read => !read.GetProperty("degraded").GetBoolean());

    private static double Value(JsonElement read, string feature) => read.GetProperty("features").EnumerateArray()
        .Single(each => each.GetProperty("name").GetString() == feature).GetProperty("value").GetDouble();
}
