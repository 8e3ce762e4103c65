using System.Text.Json.Serialization;
using Ecom.FeatureStore.Definitions;
using Ecom.FeatureStore.Endpoints;
using Ecom.FeatureStore.Jobs;
using Ecom.FeatureStore.Storage;
using Ecom.Features.Online;
using Ecom.ServiceDefaults;
using Ecom.ServiceDefaults.Http;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Online;
using Ecom.ServiceDefaults.Storage;
using StackExchange.Redis;

namespace Ecom.FeatureStore;

/// <summary>What the feature store is made of.</summary>
internal static class Composition
{
    public static WebApplicationBuilder AddFeatureStore(this WebApplicationBuilder builder)
    {
        var assembly = typeof(Composition).Assembly;
        builder.AddServiceDefaults("feature-store");
        builder.AddPostgres(assembly);
        builder.AddRedis();
        builder.Services.AddOptions<FeatureStoreOptions>()
            .BindConfiguration(FeatureStoreOptions.Section).ValidateDataAnnotations()
            .Validate(options => options.KeepsEveryWindow, "KeepEventDays must be 0 or at least 396.")
            .ValidateOnStart();
        builder.Services.ConfigureHttpJsonOptions(
            json => json.SerializerOptions.Converters.Add(new JsonStringEnumConverter()));
        builder.Services.AddSingleton<Months>();
        builder.Services.AddSingleton(OnlineOf);
        builder.Services.AddSingleton<EventRecorder>();
        builder.Services.AddSingleton<EventHistory>();
        builder.Services.AddSingleton<GenerationWriter>();
        builder.Services.AddSingleton<InteractionHistory>();
        builder.Services.AddSingleton<TrainingLabels>();
        builder.Services.AddSingleton<Erasure>();
        builder.Services.AddSingleton<LogFills>();
        builder.AddServiceClient<MessageLog>("Ingestion");

        // Before messaging: the first message must find the generations known.
        builder.AddOnlineState(ShopFeatures.Set.Version);
        builder.AddMessaging(assembly);
        builder.Services.AddHostedService<HistoryRebuild>();
        builder.Services.AddHostedService<LogFillJob>();
        builder.Services.AddSingleton<RetentionJob>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RetentionJob>());
        return builder;
    }

    public static WebApplication MapFeatureStore(this WebApplication app)
    {
        app.MapServiceDefaults();
        app.MapFeatures();
        app.MapHistory();
        app.MapTrainingSets();
        app.MapOperations();
        app.MapConsistency();
        return app;
    }

    private static OnlineFeatures OnlineOf(IServiceProvider services)
    {
        var generations = services.GetRequiredService<Generations>();
        return new OnlineFeatures(
            services.GetRequiredService<IConnectionMultiplexer>(),
            ShopFeatures.Set,
            "feature-store",
            () => generations.Written,
            generations.RefreshIfOldAsync,
            services.GetRequiredService<TimeProvider>());
    }
}
