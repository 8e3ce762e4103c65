using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Ecom.Fraud;
using Ecom.Fraud.Endpoints;
using Ecom.Ingestion;
using Ecom.ServiceDefaults.Keys;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Npgsql;
using StackExchange.Redis;
using Xunit;

namespace Ecom.IntegrationTests.Fraud;

/// <summary>What fraud remembers is lost, and made again from its decisions and ingestion's log.</summary>
public sealed class RedisLossTests(Backends backends) : IClassFixture<Backends>, IAsyncLifetime
{
    private static readonly JsonSerializerOptions _json =
        new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();
    private ServiceHost _ingestion = null!;
    private ServiceHost _fraud = null!;
    private TestDatabase _database = null!;
    private ConnectionMultiplexer _redis = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        var broker = (await backends.CreateVirtualHostAsync()).ToString();
        _ingestion = await ServiceHost.StartAsync(
            builder => builder.AddIngestion(),
            app => app.MapIngestion(),
            new Dictionary<string, string?>
            {
                ["ConnectionStrings:Postgres"] = (await backends.CreateDatabaseAsync("ingestion")).ConnectionString,
                ["ConnectionStrings:RabbitMq"] = broker,
                ["Messaging:Subscribers:0"] = "fraud-interactions-recorded",
                ["Messaging:Subscribers:1"] = "fraud-order-placed",
            });
        _database = await backends.CreateDatabaseAsync("fraud");
        var redis = await backends.CreateRedisDatabaseAsync();
        _redis = await ConnectionMultiplexer.ConnectAsync(redis + ",allowAdmin=true");
        _fraud = await ServiceHost.StartAsync(
            builder => builder.AddFraud(),
            app => app.MapFraud(),
            new Dictionary<string, string?>
            {
                ["ConnectionStrings:Postgres"] = _database.ConnectionString,
                ["ConnectionStrings:Redis"] = redis,
                ["ConnectionStrings:RabbitMq"] = broker,
                ["Services:Ingestion"] = _ingestion.Address.ToString(),
            });
        _client = _fraud.CreateClient(Scopes.Admin);
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _fraud.DisposeAsync();
        await _ingestion.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task What_is_remembered_comes_back_bit_for_bit_and_decisions_meanwhile_say_that_they_are_degraded()
    {
        await RememberAsync();
        var before = await StatesAsync(1);
        Assert.True(before.Count > 10, $"{before.Count} states are too few to mean anything.");

        await FlushAsync();
        var meanwhile = await AssessAsync("meanwhile", "m", "d-m");
        Assert.True(meanwhile.Degraded);
        Assert.True((await _client.GetFromJsonAsync<DecisionResponse>("/v1/decisions/meanwhile", _json))!.Degraded);

        var generation = await ActiveAsync(after: 1);
        var after = await StatesAsync(generation.GetProperty("number").GetInt32());
        foreach (var (entity, fields) in before)
        {
            Assert.Equal(fields, after[entity]);
        }

        Assert.True(after.ContainsKey("{device:d-m}"));
        var probe = 0;
        await Eventually.BeTrueAsync(async () => !(await AssessAsync($"probe-{probe++}", "m", "d-m")).Degraded);
        var next = await AssessAsync("next", "c1", "d1");
        Assert.False(next.Degraded);
        Assert.Equal((4, 1), (next.Features["device_payments_1h"], next.Features["device_failures_1h"]));
    }

    [Fact]
    public async Task A_rebuild_on_request_compares_both_generations_while_payments_go_on()
    {
        await RememberAsync();
        using var begun = await _client.PostAsync("/v1/generations?verify=1000", null);
        begun.EnsureSuccessStatusCode();
        var payments = Enumerable.Range(0, 30).Select(async i =>
        {
            await Task.Delay(200 * i);
            return await AssessAsync($"during-{i}", $"c{i % 3}", $"d{i % 3}", succeeded: i % 2 == 0);
        });
        Assert.All(await Task.WhenAll(payments), decision => Assert.False(decision.Degraded));

        var generation = await ActiveAsync(after: 1);

        Assert.True(generation.GetProperty("compared").GetInt32() > 10);
        Assert.Equal(0, generation.GetProperty("differing").GetInt32());
    }

    [Fact]
    public async Task A_payment_that_a_crash_left_uncounted_is_counted_by_a_job()
    {
        await AssessAsync("crashed", "c1", "d1", succeeded: false);

        // As a kill between commit and count leaves it.
        await FlushAsync(keepMarker: true);
        await ExecuteAsync("""
            insert into uncounted (payment_id, attempt, outcome, since)
            select payment_id, true, true, now() - interval '1 minute' from decisions
            """);

        await Eventually.BeTrueAsync(async () =>
            await ScalarAsync("select count(*) from uncounted") == 0);
        var next = await AssessAsync("after", "c1", "d1");
        Assert.Equal((1, 1), (next.Features["device_payments_1h"], next.Features["device_failures_1h"]));
        Assert.False(next.Degraded);
    }

    private async Task RememberAsync()
    {
        var events = Enumerable.Range(0, 12).Select(i => (object)new
        {
            type = "track",
            @event = i % 4 == 0 ? "Order Completed" : "Product Viewed",
            userId = $"c{i % 3}",
            messageId = Guid.NewGuid(),
            timestamp = _now.AddHours(-i),
            context = new { device = new { id = $"d{i % 3}" }, ip = $"203.0.113.{i % 3}" },
            properties = new
            {
                product_id = "p1",
                order_id = $"o{i}",
                total = 5.0,
                currency = "GBP",
                products = new[] { new { product_id = "p1", name = "A mug", price = 2.5, quantity = 2 } },
            },
        });
        using var sender = _ingestion.CreateClient(Scopes.Ingest);
        using var answer = await sender.PostAsJsonAsync("/v1/batch", new { batch = events });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        for (var i = 0; i < 12; i++)
        {
            await AssessAsync($"before-{i}", $"c{i % 3}", $"d{i % 3}", succeeded: i % 4 == 1 ? false : null);
        }

        // Labels, one of them twice.
        foreach (var (payment, fraud) in new[] { ("before-0", true), ("before-0", true), ("before-1", false) })
        {
            using var labelled = await _client.PostAsJsonAsync("/v1/labels", new { paymentId = payment, fraud });
            labelled.EnsureSuccessStatusCode();
        }

        await Eventually.BeTrueAsync(async () =>
            await ScalarAsync("select count(*) from labels where counted is not null") == 3);

        // An outcome that comes later.
        await AssessAsync("before-2", "c2", "d2", succeeded: false);
        await Eventually.ReadAsync(
            async () => (await StatesAsync(1))
                .Where(state => state.Key.StartsWith("{customer:", StringComparison.Ordinal))
                .Count(state => state.Value.Keys.Any(field => field.Contains("first_order", StringComparison.Ordinal))),
            count => count == 3);
        await Eventually.BeTrueAsync(IsAtRestAsync);
    }

    // Views come by another queue than orders, and leave no row to wait for.
    private async Task<bool> IsAtRestAsync()
    {
        var before = await StatesAsync(1);
        await Task.Delay(1_000);
        var after = await StatesAsync(1);
        return before.Count == after.Count
            && before.All(state => after.TryGetValue(state.Key, out var fields) && state.Value.SequenceEqual(fields));
    }

    // Every stored hash of a generation but the note on pruning, which differs with the order of arrival.
    private async Task<Dictionary<string, SortedDictionary<string, string>>> StatesAsync(int generation)
    {
        var states = new Dictionary<string, SortedDictionary<string, string>>();
        var prefix = $"fraud:g{generation}:";
        var database = _redis.GetDatabase();
        await foreach (var key in _redis.GetServers()[0].KeysAsync(database.Database, prefix + "*"))
        {
            var name = key.ToString();
            if (!name.EndsWith(":applied", StringComparison.Ordinal))
            {
                states[name[prefix.Length..]] = new(
                    (await database.HashGetAllAsync(key)).Where(field => field.Name != "~size")
                        .ToDictionary(field => field.Name.ToString(), field => field.Value.ToString()),
                    StringComparer.Ordinal);
            }
        }

        return states;
    }

    private async Task<JsonElement> ActiveAsync(int after) => await Eventually.ReadAsync(
        async () => (await _client.GetFromJsonAsync<JsonElement[]>("/v1/generations"))!
            .First(generation => generation.GetProperty("state").GetString() == "active"),
        active => active.GetProperty("number").GetInt32() > after,
        seconds: 40);

    private async Task FlushAsync(bool keepMarker = false)
    {
        var database = _redis.GetDatabase();
        var marker = await database.StringGetAsync("fraud:marker");
        if (!keepMarker)
        {
            await _redis.GetServers()[0].FlushDatabaseAsync(database.Database);
            return;
        }

        Assert.False(marker.IsNull);
        await foreach (var key in _redis.GetServers()[0].KeysAsync(database.Database, "fraud:g*"))
        {
            await database.KeyDeleteAsync(key);
        }
    }

    private async Task<DecisionResponse> AssessAsync(
        string id, string customer, string device, bool? succeeded = null)
    {
        var answer = await _client.PostAsJsonAsync(
            "/v1/assess",
            new AssessRequest
            {
                PaymentId = id,
                CustomerId = customer,
                Amount = 5_000,
                Currency = "GBP",
                CardFingerprint = "card-" + customer,
                DeviceId = device,
                Ip = $"198.51.{device.Length}.1",
                Email = $"{customer}@{customer}.example",
                ShippingAddress = $"{customer} Mill Lane",
                TerminalId = $"till {customer}",
                Succeeded = succeeded,
            },
            _json);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<DecisionResponse>(_json))!;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_database.ConnectionString);
        await connection.ExecuteAsync(sql);
    }

    private async Task<long> ScalarAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_database.ConnectionString);
        return await connection.QuerySingleAsync<long>(sql);
    }
}
