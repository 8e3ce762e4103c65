using Ecom.Profiling.Endpoints;
using Ecom.Profiling.Jobs;
using Ecom.Profiling.Rules;
using Ecom.Profiling.Segments;
using Ecom.Profiling.Storage;
using Ecom.ServiceDefaults;
using Ecom.ServiceDefaults.Http;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Storage;

namespace Ecom.Profiling;

/// <summary>What the service is made of.</summary>
internal static class Composition
{
    /// <summary>The model whose promotions this service follows.</summary>
    public const string SegmentsModel = "segments";

    public static void AddProfiling(this WebApplicationBuilder builder)
    {
        builder.AddServiceDefaults("profiling");
        builder.AddPostgres(typeof(Composition).Assembly);
        builder.AddRedis();
        builder.AddMessaging(typeof(Composition).Assembly);
        builder.AddServiceClient<ArtefactCache>("Training");
        builder.Services.AddOptions<ProfilingOptions>()
            .BindConfiguration(ProfilingOptions.Section).ValidateDataAnnotations().ValidateOnStart();

        builder.Services.AddSingleton<CustomerStore>();
        builder.Services.AddSingleton<ProfileStore>();
        builder.Services.AddSingleton<ProfileCache>();
        builder.Services.AddSingleton<SegmentStore>();
        builder.Services.AddSingleton<RuleStore>();
        builder.Services.AddSingleton<RuleMiner>();
        builder.Services.AddSingleton<CurrentSegments>();
        builder.Services.AddHostedService(services => services.GetRequiredService<CurrentSegments>());
        builder.Services.AddSingleton<CurrentRules>();
        builder.Services.AddHostedService(services => services.GetRequiredService<CurrentRules>());
        builder.Services.AddHostedService<ProfileJob>();
        builder.Services.AddHostedService<RuleJob>();
    }

    public static void MapProfiling(this WebApplication app)
    {
        app.MapServiceDefaults();
        app.MapProfiles();
        app.MapRefresh();
        app.MapRules();
    }
}
