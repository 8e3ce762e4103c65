using System.Text.Json.Serialization;
using Ecom.Features.Online;
using Ecom.Features.Payments;
using Ecom.Fraud.Alerts;
using Ecom.Fraud.Endpoints;
using Ecom.Fraud.Jobs;
using Ecom.Fraud.Rules;
using Ecom.Fraud.Scoring;
using Ecom.Fraud.Storage;
using Ecom.Fraud.Webhooks;
using Ecom.ServiceDefaults;
using Ecom.ServiceDefaults.Http;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Online;
using Ecom.ServiceDefaults.Privacy;
using Ecom.ServiceDefaults.Storage;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Ecom.Fraud;

/// <summary>What the service is made of.</summary>
internal static class Composition
{
    public static void AddFraud(this WebApplicationBuilder builder)
    {
        builder.AddServiceDefaults("fraud");
        builder.AddPostgres(typeof(Composition).Assembly);
        builder.AddRedis();
        builder.AddServiceClient<MessageLog>("Ingestion");
        builder.Services.AddOptions<FraudOptions>()
            // A setting that nobody reads is a rule that somebody believes in.
            .BindConfiguration(FraudOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<FraudOptions>, FraudOptionsCheck>();
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter());
            json.SerializerOptions.Converters.Add(new PlainText());
        });

        // Before messaging: the first message must find the generations, the rules and the models known.
        builder.AddOnlineState(FraudFeatures.Set.Version);
        AddRules(builder.Services);
        builder.AddServiceClient<ArtefactCache>("Training");
        builder.AddServiceClient<TrainingModels>("Training");
        AddModels(builder.Services);
        builder.AddMessaging(typeof(Composition).Assembly);
        AddDecisions(builder.Services);
        AddLabels(builder.Services);
        AddAlerts(builder.Services);
        AddWebhooks(builder.Services);
    }

    public static void MapFraud(this WebApplication app)
    {
        app.MapServiceDefaults();
        app.Use(PlainText.CheckAsync);
        app.MapDecisions();
        app.MapAlerts();
        app.MapStream();
        app.MapCases();
        app.MapRings();
        app.MapWebhooks();
        app.MapLabels();
        app.MapRules();
        app.MapModels();
        app.MapBacktests();
        app.MapLists();
        app.MapHistory();
        app.MapGenerations();
    }

    private static void AddRules(IServiceCollection services)
    {
        services.AddSingleton<RuleChanges>();
        services.AddSingleton<RuleStore>();
        services.AddSingleton<RuleSetStore>();
        services.AddSingleton<ListStore>();
        services.AddSingleton<ShadowStore>();
        services.AddSingleton<BacktestStore>();
        services.AddSingleton<CurrentRules>();
        services.AddHostedService(provider => provider.GetRequiredService<CurrentRules>());
    }

    private static void AddModels(IServiceCollection services)
    {
        services.AddSingleton<ModelStore>();
        services.AddSingleton<PolicyStore>();
        services.AddSingleton<CurrentModels>();
        services.AddHostedService(provider => provider.GetRequiredService<CurrentModels>());
        services.AddSingleton<RecentDecisions>();
        services.AddSingleton<QualityStore>();
        services.AddSingleton<ChallengeStore>();
        services.AddHostedService<ModelJob>();
    }

    private static void AddDecisions(IServiceCollection services)
    {
        services.AddSingleton(provider => new PersonalData(Convert.FromBase64String(
            provider.GetRequiredService<IOptions<PrivacyOptions>>().Value.HashKey)));
        services.AddSingleton(OnlineOf);
        services.AddSingleton(provider => CountryTable.Read(
            provider.GetRequiredService<IOptions<FraudOptions>>().Value.Countries is { } file
                ? File.ReadLines(file)
                : []));
        services.AddSingleton<RingStore>();
        services.AddSingleton<RingExpiry>();
        services.AddSingleton<RingReader>();
        services.AddHostedService<RingJob>();
        services.AddSingleton<VectorStore>();
        services.AddSingleton<DecisionWriter>();
        services.AddSingleton<DecisionStore>();
        services.AddSingleton<DecisionVerification>();
        services.AddSingleton<FeatureWriter>();
        services.AddSingleton<Erasure>();
        services.AddSingleton<PaymentLedger>();
        services.AddSingleton<PaymentHistory>();
        services.AddSingleton<GenerationWriter>();
        services.AddHostedService<CountJob>();
        services.AddHostedService<StateRebuild>();
    }

    private static void AddLabels(IServiceCollection services)
    {
        services.AddSingleton<LabelStore>();
        services.AddSingleton<LabelState>();
        services.AddHostedService<LabelJob>();
        services.AddHostedService<MaturityJob>();
    }

    private static void AddAlerts(IServiceCollection services)
    {
        services.AddSingleton<AlertWriter>();
        services.AddSingleton<EventLog>();
        services.AddSingleton<AlertStore>();
        services.AddSingleton<CaseStore>();
        services.AddSingleton<StreamSlots>();
        services.AddSingleton<EventFeed>();
        services.AddHostedService(provider => provider.GetRequiredService<EventFeed>());
        services.AddHostedService<AlertRelay>();
    }

    private static void AddWebhooks(IServiceCollection services)
    {
        services.AddSingleton<WebhookSecrets>();
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<WebhookStore>();
        services.AddSingleton<DeliveryStore>();
        services.AddHostedService<WebhookJob>();
    }

    private static OnlineFeatures OnlineOf(IServiceProvider services)
    {
        var generations = services.GetRequiredService<Generations>();
        return new OnlineFeatures(
            services.GetRequiredService<IConnectionMultiplexer>(),
            FraudFeatures.Set,
            "fraud",
            () => generations.Written,
            generations.RefreshIfOldAsync,
            services.GetRequiredService<TimeProvider>());
    }
}
