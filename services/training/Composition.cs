using Ecom.ServiceDefaults;
using Ecom.ServiceDefaults.Http;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Storage;
using Ecom.Training.Data;
using Ecom.Training.Endpoints;
using Ecom.Training.Jobs;
using Ecom.Training.Registry;
using Ecom.Training.Runs;
using Ecom.Training.Storage;

namespace Ecom.Training;

/// <summary>What the service is made of.</summary>
internal static class Composition
{
    public static WebApplicationBuilder AddTraining(this WebApplicationBuilder builder)
    {
        builder.AddServiceDefaults("training");
        builder.AddPostgres(typeof(Composition).Assembly);
        builder.AddMessaging(typeof(Composition).Assembly);

        builder.Services.AddOptions<TrainingOptions>()
            .BindConfiguration(TrainingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<StorageOptions>()
            .BindConfiguration(StorageOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<RunStore>();
        builder.Services.AddSingleton<QualityStore>();
        builder.Services.AddSingleton<CatalogueStore>();
        builder.Services.AddSingleton<ArtefactStore>();
        builder.Services.AddSingleton<ModelRegistry>();
        builder.Services.AddSingleton<Champions>();
        builder.Services.AddSingleton<Registration>();
        builder.Services.AddSingleton<Retraining>();
        builder.Services.AddSingleton<TrainingProcess>();
        builder.Services.AddSingleton<RunExecution>();
        builder.Services.AddHostedService<RunQueue>();
        foreach (var service in DataFeed.Services)
        {
            builder.AddServiceClient(service);
        }

        builder.Services.AddHostedService<RetrainJob>();
        return builder;
    }

    public static WebApplication MapTraining(this WebApplication app)
    {
        app.MapServiceDefaults();
        app.MapTrainers();
        app.MapRuns();
        app.MapModels();
        app.MapChampions();
        return app;
    }
}
