using System.Text.Json;
using Ecom.ServiceDefaults.Telemetry;
using StackExchange.Redis;

namespace Ecom.Profiling.Storage;

/// <summary>
/// Profiles as they are served, one value a customer in Redis; without time to live, since every change replaces it.
/// </summary>
internal sealed class ProfileCache(IConnectionMultiplexer redis)
{
    public async Task<CustomerProfile?> FindAsync(string customerId)
    {
        using var span = RedisSpans.Start("GET");
        var value = await redis.GetDatabase().StringGetAsync(Key(customerId));
        return value.IsNull
            ? null
            : JsonSerializer.Deserialize<CustomerProfile>((byte[])value!, JsonSerializerOptions.Web);
    }

    public async Task WriteAsync(IReadOnlyCollection<CustomerProfile> profiles)
    {
        using var span = RedisSpans.Start("SET", profiles.Count);
        await Task.WhenAll(profiles.Select(profile => redis.GetDatabase().StringSetAsync(
            Key(profile.CustomerId), JsonSerializer.SerializeToUtf8Bytes(profile, JsonSerializerOptions.Web))));
    }

    public async Task DeleteAsync(string customerId)
    {
        using var span = RedisSpans.Start("DEL");
        await redis.GetDatabase().KeyDeleteAsync(Key(customerId));
    }

    private static RedisKey Key(string customerId) => $"profiling:profile:{{{customerId}}}";
}
