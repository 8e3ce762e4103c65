using Ecom.ServiceDefaults.Health;
using Ecom.ServiceDefaults.Http;
using Ecom.ServiceDefaults.Jobs;
using Ecom.ServiceDefaults.Keys;
using Ecom.ServiceDefaults.Messaging.Failures;
using Ecom.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Scalar.AspNetCore;

namespace Ecom.ServiceDefaults;

/// <summary>How every service behaves: telemetry, health, keys, problem details, API reference.</summary>
public static class ServiceDefaults
{
    /// <summary>
    /// Adds what every service has. Call it first, then AddPostgres, AddRedis, AddMessaging as needed.
    /// </summary>
    /// <param name="builder">The service's builder.</param>
    /// <param name="service">Name of the service, kebab case, for example "feature-store": prefix of its queues and
    /// keys.</param>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder, string service)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(service);

        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(new ServiceIdentity(service));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(15));

        builder.Services.AddHostedService<IdleMemory>();
        builder.AddTelemetry(service);
        builder.AddApiKeys();
        builder.AddProblems();
        builder.Services.AddHealthChecks();
        builder.Services.AddOpenApi();
        return builder;
    }

    /// <summary>
    /// Maps health, metrics, OpenAPI document and reference page, with AddMessaging also <c>/v1/errors</c>, and puts
    /// problems, keys and rate limits before the endpoints.
    /// </summary>
    /// <remarks>Every endpoint needs a key unless it says otherwise; scopes are stated by
    /// <c>RequireScope</c>.</remarks>
    public static WebApplication MapServiceDefaults(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseAuthorization();

        app.MapHealth();
        app.MapPrometheusScrapingEndpoint("/metrics").AllowAnonymous();
        app.MapOpenApi().AllowAnonymous();
        app.MapScalarApiReference("/docs", reference => reference.DisableDefaultFonts()).AllowAnonymous();
        if (app.Services.GetService<ParkedMessages>() is not null)
        {
            app.MapErrors();
        }

        return app;
    }
}
