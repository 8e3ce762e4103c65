using Ecom.Console.Endpoints;
using Ecom.Console.Jobs;
using Ecom.Console.Storage;
using Ecom.ServiceDefaults;
using Ecom.ServiceDefaults.Storage;
using OpenTelemetry.Instrumentation.AspNetCore;

namespace Ecom.Console;

/// <summary>What the console is made of.</summary>
internal static class Composition
{
    public static WebApplicationBuilder AddConsole(this WebApplicationBuilder builder)
    {
        builder.AddServiceDefaults("console");
        builder.AddPostgres(typeof(Composition).Assembly);

        builder.Services.AddOptions<ConsoleOptions>()
            .BindConfiguration(ConsoleOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<SpanStore>();
        builder.Services.AddSingleton<TraceReader>();
        builder.Services.AddSingleton<TelemetryWriter>();
        builder.Services.AddHostedService(services => services.GetRequiredService<TelemetryWriter>());
        builder.Services.AddHostedService<Pruning>();
        builder.Services.PostConfigure<AspNetCoreTraceInstrumentationOptions>(LeaveOutExports);
        return builder;
    }

    public static WebApplication MapConsole(this WebApplication app)
    {
        app.MapServiceDefaults();
        app.MapOtlp();
        app.MapTraces();
        return app;
    }

    private static void LeaveOutExports(AspNetCoreTraceInstrumentationOptions web)
    {
        var isBusiness = web.Filter ?? (_ => true);
        web.Filter = context => isBusiness(context) && !OtlpEndpoints.IsExport(context.Request);
    }
}
