using Ecom.Ingestion.Cleaning;
using Ecom.Ingestion.Endpoints;
using Ecom.Ingestion.Envelopes;
using Ecom.Ingestion.Jobs;
using Ecom.Ingestion.Storage;
using Ecom.Ingestion.Vocabulary;
using Ecom.ServiceDefaults;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Privacy;
using Ecom.ServiceDefaults.Storage;
using Microsoft.Extensions.Options;

namespace Ecom.Ingestion;

/// <summary>Puts the service together; tests host it through the same two methods.</summary>
internal static class Composition
{
    private const int ConnectionBytes = 64 * 1024;

    public static void AddIngestion(this WebApplicationBuilder builder)
    {
        builder.AddServiceDefaults("ingestion");
        builder.AddPostgres(typeof(Composition).Assembly, needsWrites: true);
        builder.AddMessaging(typeof(Composition).Assembly, waitForBroker: false);
        builder.Services.AddOptions<IngestionOptions>()
            .BindConfiguration(IngestionOptions.Section).ValidateDataAnnotations()
            .Validate(
                options => options.KeepsLogLongest,
                "KeepLogDays must be 0 or at least KeepKeysDays and KeepRejectionsDays.")
            .ValidateOnStart();

        var services = builder.Services;
        services.AddSingleton(provider => new PersonalData(Convert.FromBase64String(
            provider.GetRequiredService<IOptions<PrivacyOptions>>().Value.HashKey)));
        services.AddSingleton(provider => new MoneyConverter(
            OptionsOf(provider).BaseCurrency, OptionsOf(provider).Rates));
        services.AddSingleton(provider => new EventVocabulary(
            provider.GetRequiredService<MoneyConverter>(),
            provider.GetRequiredService<PersonalData>(),
            OptionsOf(provider).MaxOrderLines));
        services.AddSingleton(provider => new EventReader(
            provider.GetRequiredService<EventVocabulary>(),
            provider.GetRequiredService<PersonalData>(),
            OptionsOf(provider).MaxEventBytes,
            OptionsOf(provider).MaxDepth));
        services.AddSingleton(provider => new ProductReader(
            provider.GetRequiredService<MoneyConverter>(),
            provider.GetRequiredService<PersonalData>(),
            OptionsOf(provider).MaxEventBytes,
            OptionsOf(provider).MaxDepth));

        services.AddSingleton<EventPartitions>();
        services.AddSingleton<Counters>();
        services.AddSingleton<RejectionStore>();
        services.AddSingleton<LogReader>();
        services.AddSingleton<RecentEvents>();
        services.AddSingleton<CustomerData>();
        services.AddSingleton<GroupTransaction>();
        services.AddSingleton<EventWriter>();
        services.AddHostedService(provider => provider.GetRequiredService<EventWriter>());
        services.AddHostedService<PartitionJob>();
        services.AddSingleton<LogRetention>();
        services.AddSingleton<RetentionJob>();
        services.AddHostedService(provider => provider.GetRequiredService<RetentionJob>());
        services.AddSingleton<Admission>();
        services.AddSingleton<Intake>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            // A connection whose request is not let in, or not read on, holds no more than this.
            kestrel.Limits.MaxRequestBufferSize = ConnectionBytes;
            kestrel.Limits.MaxConcurrentConnections = OptionsOf(kestrel.ApplicationServices).MaxConnections;
        });
    }

    public static void MapIngestion(this WebApplication app)
    {
        app.MapServiceDefaults();
        app.MapEvents();
        app.MapLog();
        app.MapRejections();
        app.MapOperations();
        app.MapPrivacy();
    }

    private static IngestionOptions OptionsOf(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<IngestionOptions>>().Value;
}
