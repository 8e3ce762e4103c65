using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace Ecom.ServiceDefaults.Storage;

/// <summary>Redis for a service.</summary>
public static class RedisExtensions
{
    /// <summary>
    /// Adds the connection of <c>ConnectionStrings:Redis</c>, which reconnects by itself and need not be up at
    /// start.
    /// </summary>
    /// <exception cref="InvalidOperationException">When the connection string is not configured.</exception>
    public static WebApplicationBuilder AddRedis(this WebApplicationBuilder builder)
    {
        var configured = builder.Configuration.GetConnectionString("Redis")
            ?? throw new InvalidOperationException("ConnectionStrings:Redis is not configured.");

        builder.Services.AddSingleton<IConnectionMultiplexer>(services =>
        {
            var options = ConfigurationOptions.Parse(configured);
            options.AbortOnConnectFail = false;
            options.ClientName = services.GetRequiredService<ServiceIdentity>().Name;
            return ConnectionMultiplexer.Connect(options);
        });
        builder.Services.AddSingleton<RedisEpoch>();
        builder.Services.AddHealthChecks().AddCheck<RedisCheck>("redis", tags: ["ready"]);
        return builder;
    }

    private sealed class RedisCheck(IConnectionMultiplexer redis) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(
            HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            var latency = await redis.GetDatabase().PingAsync();
            return HealthCheckResult.Healthy(data: new Dictionary<string, object>
            {
                ["latencyMs"] = latency.TotalMilliseconds,
            });
        }
    }
}
