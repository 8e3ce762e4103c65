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

        // Before messaging: the first message must find the generations, the rules and the models known.
        builder.AddOnlineState(FraudFeatures.Set.Version);
        builder.Services.AddSingleton<RuleChanges>();
        builder.Services.AddSingleton<RuleStore>();
        builder.Services.AddSingleton<RuleSetStore>();
        builder.Services.AddSingleton<ListStore>();
        builder.Services.AddSingleton<CurrentRules>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<CurrentRules>());
        builder.AddServiceClient<ArtefactCache>("Training");
        builder.AddServiceClient<TrainingModels>("Training");
        builder.Services.AddSingleton<ModelStore>();
        builder.Services.AddSingleton<PolicyStore>();
        builder.Services.AddSingleton<CurrentModels>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<CurrentModels>());
        builder.AddMessaging(typeof(Composition).Assembly);
        builder.Services.AddOptions<FraudOptions>()
            // A setting that nobody reads is a rule that somebody believes in.
            .BindConfiguration(FraudOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<FraudOptions>, FraudOptionsCheck>();
        builder.Services.ConfigureHttpJsonOptions(
            json => json.SerializerOptions.Converters.Add(new JsonStringEnumConverter()));

        builder.Services.AddSingleton(provider => new PersonalData(Convert.FromBase64String(
            provider.GetRequiredService<IOptions<PrivacyOptions>>().Value.HashKey)));
        builder.Services.AddSingleton(OnlineOf);
        builder.Services.AddSingleton<AlertWriter>();
        builder.Services.AddSingleton<EventLog>();
        builder.Services.AddSingleton<DecisionWriter>();
        builder.Services.AddSingleton<DecisionStore>();
        builder.Services.AddSingleton<DecisionVerification>();
        builder.Services.AddSingleton<AlertStore>();
        builder.Services.AddSingleton<CaseStore>();
        builder.Services.AddSingleton<LabelStore>();
        builder.Services.AddSingleton<LabelState>();
        builder.Services.AddSingleton<ShadowStore>();
        builder.Services.AddSingleton<BacktestStore>();
        builder.Services.AddSingleton<FeatureWriter>();
        builder.Services.AddSingleton<Erasure>();
        builder.Services.AddSingleton<PaymentLedger>();
        builder.Services.AddSingleton<PaymentHistory>();
        builder.Services.AddSingleton<GenerationWriter>();
        builder.Services.AddSingleton<StreamSlots>();
        builder.Services.AddSingleton<EventFeed>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<EventFeed>());
        builder.Services.AddSingleton<WebhookSecrets>();
        builder.Services.AddSingleton<WebhookSender>();
        builder.Services.AddSingleton<WebhookStore>();
        builder.Services.AddSingleton<DeliveryStore>();
        builder.Services.AddHostedService<WebhookJob>();
        builder.Services.AddHostedService<AlertRelay>();
        builder.Services.AddHostedService<CountJob>();
        builder.Services.AddHostedService<LabelJob>();
        builder.Services.AddHostedService<MaturityJob>();
        builder.Services.AddHostedService<StateRebuild>();
        builder.Services.AddSingleton<RecentDecisions>();
        builder.Services.AddSingleton<QualityStore>();
        builder.Services.AddSingleton<ChallengeStore>();
        builder.Services.AddHostedService<ModelJob>();
    }

    public static void MapFraud(this WebApplication app)
    {
        app.MapServiceDefaults();
        app.MapDecisions();
        app.MapAlerts();
        app.MapStream();
        app.MapCases();
        app.MapWebhooks();
        app.MapLabels();
        app.MapRules();
        app.MapModels();
        app.MapBacktests();
        app.MapLists();
        app.MapHistory();
        app.MapGenerations();
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
