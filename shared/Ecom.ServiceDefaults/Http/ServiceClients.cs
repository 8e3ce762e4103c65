using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Ecom.ServiceDefaults.Http;

/// <summary>Calls from one service to another.</summary>
public static class ServiceClients
{
    /// <summary>
    /// Adds a typed client whose HttpClient has the address <c>Services:&lt;service&gt;</c>, this service's own
    /// key, retries with growing delay and a circuit breaker. Read large answers with
    /// <see cref="HttpCompletionOption.ResponseHeadersRead"/>.
    /// </summary>
    /// <param name="builder">The service's builder.</param>
    /// <param name="service">Name in the configuration, for example "FeatureStore".</param>
    /// <exception cref="InvalidOperationException">When the client is first made and the address is not
    /// configured.</exception>
    public static IHttpClientBuilder AddServiceClient<TClient>(this WebApplicationBuilder builder, string service)
        where TClient : class =>
        WithResilience(builder.Services.AddHttpClient<TClient>(
            (services, http) => Address(http, services, service)));

    /// <summary>The same as a client by the service's name, for <see cref="IHttpClientFactory"/>.</summary>
    /// <param name="builder">The service's builder.</param>
    /// <param name="service">Name in the configuration, for example "FeatureStore"; and of the client.</param>
    public static IHttpClientBuilder AddServiceClient(this WebApplicationBuilder builder, string service) =>
        WithResilience(builder.Services.AddHttpClient(
            service, (services, http) => Address(http, services, service)));

    private static void Address(HttpClient http, IServiceProvider services, string service)
    {
        var address = services.GetRequiredService<IConfiguration>()[$"Services:{service}"]
            ?? throw new InvalidOperationException(
                $"Services:{service}, the address of that service, is not configured.");
        http.BaseAddress = new Uri(address.TrimEnd('/') + "/");
        http.Timeout = Timeout.InfiniteTimeSpan;
        if (services.GetRequiredService<IOptions<ApiKeyOptions>>().Value.Own is { } key)
        {
            http.DefaultRequestHeaders.Add("X-Api-Key", key);
        }
    }

    private static IHttpClientBuilder WithResilience(IHttpClientBuilder client)
    {
        client.AddStandardResilienceHandler(resilience =>
        {
            resilience.AttemptTimeout.Timeout = TimeSpan.FromSeconds(60);
            resilience.TotalRequestTimeout.Timeout = TimeSpan.FromSeconds(180);
            resilience.CircuitBreaker.SamplingDuration = TimeSpan.FromSeconds(120);
        });
        return client;
    }
}
