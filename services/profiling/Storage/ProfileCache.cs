using System.Text.Json;
using Ecom.ServiceDefaults.Telemetry;
using StackExchange.Redis;

namespace Ecom.Profiling.Storage;

/// <summary>
/// Profiles as they are served, one value a customer in Redis; without time to live, since every change replaces it.
/// </summary>
internal sealed class ProfileCache(IConnectionMultiplexer redis)
{
    /// <returns>Null if it is not there, and while Redis is away.</returns>
    public async Task<CustomerProfile?> TryFindAsync(string customerId)
    {
        // Without a connection a command would wait for one until its time is out.
        if (!redis.IsConnected)
        {
            return null;
        }

        using var span = RedisSpans.Start("GET");
        try
        {
            var value = await redis.GetDatabase().StringGetAsync(Key(customerId));
            return value.IsNull
                ? null
                : JsonSerializer.Deserialize<CustomerProfile>((byte[])value!, JsonSerializerOptions.Web);
        }
        catch (Exception error) when (error is RedisException or RedisTimeoutException)
        {
            return null;
        }
    }

    /// <summary>Writes what was not there; leaves it out while Redis is away.</summary>
    public async Task TryWriteAsync(IReadOnlyCollection<CustomerProfile> profiles)
    {
        if (!redis.IsConnected)
        {
            return;
        }

        try
        {
            await WriteAsync(profiles);
        }
        catch (Exception error) when (error is RedisException or RedisTimeoutException)
        {
            // The tables know it; the next request tries again.
        }
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
