using System.Text.Json.Serialization;
using Ecom.Fraud.Endpoints;
using Ecom.Fraud.Jobs;
using Ecom.Fraud.Rules;
using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Privacy;
using Ecom.ServiceDefaults.Storage;
using Microsoft.Extensions.Options;

namespace Ecom.Fraud;

/// <summary>What the service is made of.</summary>
internal static class Composition
{
    public static void AddFraud(this WebApplicationBuilder builder)
    {
        builder.AddServiceDefaults("fraud");
        builder.AddPostgres(typeof(Composition).Assembly);
        builder.AddRedis();
        builder.AddMessaging(typeof(Composition).Assembly);
        builder.Services.AddOptions<FraudOptions>()
            .BindConfiguration(FraudOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<FraudOptions>, FraudOptionsCheck>();
        builder.Services.ConfigureHttpJsonOptions(
            json => json.SerializerOptions.Converters.Add(new JsonStringEnumConverter()));

        builder.Services.AddSingleton(provider => new PersonalData(Convert.FromBase64String(
            provider.GetRequiredService<IOptions<PrivacyOptions>>().Value.HashKey)));
        builder.Services.AddSingleton(provider => new RuleSet(
            provider.GetRequiredService<IOptions<FraudOptions>>().Value));
        builder.Services.AddSingleton<OnlineState>();
        builder.Services.AddSingleton<AlertWriter>();
        builder.Services.AddSingleton<DecisionStore>();
        builder.Services.AddSingleton<DecisionVerification>();
        builder.Services.AddSingleton<AlertStore>();
        builder.Services.AddSingleton<LabelStore>();
        builder.Services.AddSingleton<FeatureWriter>();
        builder.Services.AddSingleton<Erasure>();
        builder.Services.AddHostedService<AlertRelay>();
    }

    public static void MapFraud(this WebApplication app)
    {
        app.MapServiceDefaults();
        app.MapDecisions();
        app.MapAlerts();
        app.MapLabels();
    }
}
