using Ecom.Recommendation.Endpoints;
using Ecom.Recommendation.Jobs;
using Ecom.Recommendation.Lists;
using Ecom.Recommendation.Outcomes;
using Ecom.Recommendation.Placements;
using Ecom.Recommendation.Settings;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults;
using Ecom.ServiceDefaults.Http;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Storage;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Ecom.Recommendation;

/// <summary>What the service is made of.</summary>
internal static class Composition
{
    /// <summary>The model whose promotions this service follows.</summary>
    public const string Model = "recommendation";

    public static void AddRecommendation(this WebApplicationBuilder builder)
    {
        builder.AddServiceDefaults("recommendation");
        builder.AddPostgres(typeof(Composition).Assembly);
        builder.AddRedis();
        builder.AddMessaging(typeof(Composition).Assembly);
        builder.AddServiceClient<ArtefactCache>("Training");

        // An answer never blocks a thread: it may run where its request was read, without a change of threads.
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.Services.AddOptions<RecommendationOptions>()
            .BindConfiguration(RecommendationOptions.Section).ValidateDataAnnotations().ValidateOnStart();

        builder.Services.AddSingleton<VisitorStore>();
        builder.Services.AddSingleton<CatalogueStore>();
        builder.Services.AddSingleton<PopularityStore>();
        builder.Services.AddSingleton<SegmentStore>();
        builder.Services.AddSingleton<BasketStore>();
        builder.Services.AddSingleton<GenerationStore>();
        builder.Services.AddSingleton<AnswerStore>();
        builder.Services.AddSingleton<ListStore>();
        builder.Services.AddSingleton<ListMaker>();
        builder.Services.AddSingleton<RecentlyShown>();
        builder.Services.AddSingleton<Recommendations>();
        builder.Services.AddSingleton<ChangeStore>();
        builder.Services.AddSingleton<PlacementStore>();
        AddHosted<CurrentSettings>(builder);
        AddHosted<Catalogue>(builder);
        AddHosted<CurrentModel>(builder);
        AddHosted<PopularLists>(builder);
        builder.Services.AddHostedService<PopularProducts>();
        AddHosted<TogetherLists>(builder);
        AddHosted<Reactions>(builder);
        AddHosted<ServedAnswers>(builder);
        builder.Services.AddSingleton<OutcomeStore>();
        builder.Services.AddSingleton<ExperimentStore>();
        builder.Services.AddSingleton<ExposureStore>();
        builder.Services.AddSingleton<RuleStore>();
        builder.Services.AddSingleton<SampleStore>();
        builder.Services.AddSingleton<AnswerSampling>();
        builder.Services.AddHostedService<GuardRailJob>();
        builder.Services.AddSingleton<MetricStore>();
        builder.Services.AddSingleton<OutcomeRetention>();
        builder.Services.AddHostedService<OutcomeJob>();
        builder.Services.AddHostedService<PopularJob>();
        builder.Services.AddHostedService<SegmentJob>();
        builder.Services.AddHostedService<TogetherJob>();
        builder.Services.AddHostedService<RefreshJob>();
    }

    public static void MapRecommendation(this WebApplication app)
    {
        app.MapServiceDefaults();
        app.MapRecommendations();
        app.MapFeedback();
        app.MapPlacements();
        app.MapRules();
        app.MapEstimates();
        app.MapExperiments();
        app.MapMetrics();
        app.MapGenerations();
    }

    private static void AddHosted<T>(WebApplicationBuilder builder)
        where T : BackgroundService
    {
        builder.Services.AddSingleton<T>();
        builder.Services.AddHostedService(services => services.GetRequiredService<T>());
    }
}
