using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Polly;

namespace Ecom.Client;

/// <summary>Registration of the clients.</summary>
public static class EcomClientExtensions
{
    /// <summary>Name of the HttpClient that asks for recommendations, to configure it further.</summary>
    public const string PageClient = "Ecom.Recommendation";

    /// <summary>Name of the HttpClient of feedback and explanations.</summary>
    public const string PatientClient = "Ecom.Recommendation.Patient";

    /// <summary>Name of the HttpClient that sends events.</summary>
    public const string EventClient = "Ecom.Ingestion";

    private const string KeyHeader = "X-Api-Key";

    // Names are looked up again after this, so that a platform that moved is found.
    private static readonly TimeSpan _connectionLifetime = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Adds <see cref="RecommendationClient"/> and <see cref="IngestionClient"/>, one of each for the whole process.
    /// </summary>
    /// <param name="services">The storefront's services.</param>
    /// <param name="configure">Sets addresses and key, and what else is to differ.</param>
    /// <exception cref="OptionsValidationException">At first use: a setting is out of range or missing.</exception>
    public static IServiceCollection AddEcomClient(
        this IServiceCollection services, Action<EcomClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<EcomClientOptions>().Configure(configure)
            .Validate(
                settings => !string.IsNullOrWhiteSpace(settings.ApiKey),
                $"{nameof(EcomClientOptions.ApiKey)} is missing.")
            .Validate(
                settings => settings is { Retries: >= 0 and <= 5, FailureRatio: > 0 and <= 1, RememberedAnswers: >= 0 }
                    && settings.AttemptTimeout > TimeSpan.Zero
                    && settings.TotalTimeout >= settings.AttemptTimeout,
                "A setting is out of its range, or TotalTimeout is shorter than AttemptTimeout.");
        Add(services, PageClient, settings => settings.RecommendationAddress, settings => settings.TotalTimeout)
            .AddResilienceHandler("page", (pipeline, context) => Build(pipeline, SettingsOf(context.ServiceProvider)));
        Add(services, PatientClient, settings => settings.RecommendationAddress, settings => settings.PatientTimeout)
            .AddResilienceHandler("patient", (pipeline, context) =>
                BuildPatient(pipeline, SettingsOf(context.ServiceProvider)));

        // Tries again by itself, and longer than a page may take: the answer says when.
        Add(services, EventClient, settings => settings.IngestionAddress, _ => TimeSpan.FromSeconds(30));
        services.AddSingleton(provider => new RecommendationClient(
            provider.GetRequiredService<IHttpClientFactory>().CreateClient(PageClient),
            provider.GetRequiredService<IHttpClientFactory>().CreateClient(PatientClient),
            SettingsOf(provider),
            provider.GetService<TimeProvider>()));
        services.AddSingleton(provider => new IngestionClient(
            provider.GetRequiredService<IHttpClientFactory>().CreateClient(EventClient),
            clock: provider.GetService<TimeProvider>()));
        return services;
    }

    private static EcomClientOptions SettingsOf(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<EcomClientOptions>>().Value;

    private static IHttpClientBuilder Add(
        IServiceCollection services,
        string name,
        Func<EcomClientOptions, Uri?> address,
        Func<EcomClientOptions, TimeSpan> timeout)
    {
        var client = services.AddHttpClient(name, (provider, http) =>
        {
            var settings = SettingsOf(provider);
            var where = address(settings)
                ?? throw new InvalidOperationException($"The address that {name} needs is not set.");
            http.BaseAddress = new Uri(where.ToString().TrimEnd('/') + "/");
            http.DefaultRequestHeaders.Add(KeyHeader, settings.ApiKey);

            // The pipeline ends attempts; this also ends an answer that begins and never comes to its end.
            http.Timeout = timeout(settings) + settings.AttemptTimeout;
        });

        // The clients live as long as the process, so connections are what is renewed.
        return client
            .RedactLoggedHeaders([KeyHeader, "Authorization"])
            .UseSocketsHttpHandler((handler, _) => handler.PooledConnectionLifetime = _connectionLifetime)
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan);
    }

    private static void Build(ResiliencePipelineBuilder<HttpResponseMessage> pipeline, EcomClientOptions settings)
    {
        pipeline.AddTimeout(settings.TotalTimeout);
        AddRetry(pipeline, settings.Retries, settings.RetryDelay);
        pipeline
            .AddCircuitBreaker(new HttpCircuitBreakerStrategyOptions
            {
                FailureRatio = settings.FailureRatio,
                MinimumThroughput = 10,
                SamplingDuration = TimeSpan.FromSeconds(10),
                BreakDuration = settings.BreakDuration,
            })
            .AddTimeout(settings.AttemptTimeout);
    }

    // Hiding a product twice is hiding it once, so writes are tried again like reads.
    private static void BuildPatient(
        ResiliencePipelineBuilder<HttpResponseMessage> pipeline, EcomClientOptions settings)
    {
        pipeline.AddTimeout(settings.PatientTimeout);
        AddRetry(pipeline, 3, TimeSpan.FromMilliseconds(200));
        pipeline.AddTimeout(settings.PatientTimeout / 2);
    }

    // Who says when to come again is not asked before.
    private static void AddRetry(
        ResiliencePipelineBuilder<HttpResponseMessage> pipeline, int retries, TimeSpan delay)
    {
        if (retries == 0)
        {
            return;
        }

        pipeline.AddRetry(new HttpRetryStrategyOptions
        {
            MaxRetryAttempts = retries,
            Delay = delay,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldRetryAfterHeader = false,
            ShouldHandle = attempt => ValueTask.FromResult(
                HttpClientResiliencePredicates.IsTransient(attempt.Outcome)
                && attempt.Outcome.Result?.Headers.RetryAfter is null),
        });
    }
}
