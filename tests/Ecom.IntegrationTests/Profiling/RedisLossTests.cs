using System.Net.Http.Json;
using System.Text.Json;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using StackExchange.Redis;
using Xunit;
using static Ecom.IntegrationTests.Profiling.ShopMessages;

namespace Ecom.IntegrationTests.Profiling;

/// <summary>Profiles without Redis, and after it came back with less than it had.</summary>
public sealed class RedisLossTests(Backends backends) : ProfilingFixture(backends)
{
    private OwnRedis _own = null!;

    [Fact]
    public async Task Profiles_are_answered_without_redis_and_all_made_anew_when_it_is_back()
    {
        await PublishAsync(Order("o1", "ann", Now.AddDays(-9), pounds: 20));
        await PublishAsync(Visit("bob", Now));
        await ReadProfileAsync("ann", p => p is { Orders: 1, Spent: 2_000 });
        await Eventually.BeTrueAsync(async () => await WaitingAsync() == 0);

        await _own.StopAsync();
        using var away = await Service.CreateClient("read").GetAsync("/v1/customers/ann/profile");
        Assert.True(away.IsSuccessStatusCode, await away.Content.ReadAsStringAsync());

        _own.DeleteFiles();
        await _own.StartAsync();

        // Nobody asks for them meanwhile. The test's own connection is patient, the service's is not.
        await using var redis = await ConnectionMultiplexer.ConnectAsync(_own.Configuration);
        foreach (var customer in new[] { "ann", "bob" })
        {
            await Eventually.BeTrueAsync(() => redis.GetDatabase().KeyExistsAsync($"profiling:profile:{{{customer}}}"));
        }
    }

    [Fact]
    public async Task All_profiles_can_be_made_anew_on_request()
    {
        await PublishAsync(Order("o1", "ann", Now.AddDays(-9), pounds: 20));
        await ReadProfileAsync("ann", p => p is { Orders: 1 });
        await using var redis = await ConnectionMultiplexer.ConnectAsync(_own.Configuration);
        await redis.GetDatabase().StringSetAsync("profiling:profile:{ann}", """{"customerId":"ann","orders":0}""");

        using var begun = await Service.CreateClient("ops").PostAsync("/v1/profile-refresh", null);

        begun.EnsureSuccessStatusCode();
        await ReadProfileAsync("ann", p => p is { Orders: 1, Spent: 2_000 });
        await Eventually.BeTrueAsync(async () => await WaitingAsync() == 0);
    }

    protected override async Task<string> StartRedisAsync(Backends backends)
    {
        _own = await backends.StartOwnRedisAsync();
        return _own.Configuration + ",connectTimeout=1000,asyncTimeout=1000";
    }

    private async Task<long> WaitingAsync() =>
        (await Service.CreateClient("ops").GetFromJsonAsync<JsonElement>("/v1/profile-refresh"))
            .GetProperty("waiting").GetInt64();
}
