using Ecom.Forecasting.Demand;
using Ecom.Forecasting.Endpoints;
using Ecom.Forecasting.Jobs;
using Ecom.Forecasting.Storage;
using Ecom.ServiceDefaults;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Storage;

namespace Ecom.Forecasting;

/// <summary>What the service is made of.</summary>
internal static class Composition
{
    public static void AddForecasting(this WebApplicationBuilder builder)
    {
        builder.AddServiceDefaults("forecasting");
        builder.AddPostgres(typeof(Composition).Assembly);
        builder.AddMessaging(typeof(Composition).Assembly);
        builder.Services.AddOptions<ForecastingOptions>()
            .BindConfiguration(ForecastingOptions.Section)
            .ValidateDataAnnotations()
            .Validate(
                options => options.LeadTimeDays + options.ReviewDays + options.CoverDays <= options.HorizonDays,
                "Forecasting: HorizonDays must be at least LeadTimeDays + ReviewDays + CoverDays.")
            .ValidateOnStart();

        builder.Services.AddSingleton<SalesStore>();
        builder.Services.AddSingleton<StockStore>();
        builder.Services.AddSingleton<ForecastStore>();
        builder.Services.AddSingleton<ReorderStore>();
        builder.Services.AddSingleton<DemandForecaster>();
        builder.Services.AddHostedService<ForecastJob>();
        builder.Services.AddHostedService<ReorderJob>();
    }

    public static void MapForecasting(this WebApplication app)
    {
        app.MapServiceDefaults();
        app.MapForecasts();
        app.MapReorders();
    }
}
