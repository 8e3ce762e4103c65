using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Ecom.ServiceDefaults.Telemetry;

internal static class TelemetryExtensions
{
    // The convention's buckets begin at 5 ms, where the limits of reads on the request path end.
    private static readonly double[] _requestSeconds =
    [
        0.0005, 0.001, 0.0015, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ];

    // Not those of routing, keys and limits: each tells of every request again what the duration's tags say already.
    private static readonly string[] _serverMeters =
    [
        "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Diagnostics",
    ];

    public static void AddTelemetry(this WebApplicationBuilder builder, string service)
    {
        var options = builder.Configuration.GetSection(TelemetryOptions.Section).Get<TelemetryOptions>() ?? new();
        builder.Services.AddOptions<TelemetryOptions>()
            .BindConfiguration(TelemetryOptions.Section).ValidateDataAnnotations().ValidateOnStart();

        AddLogging(builder);
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService($"ecom-{service}", serviceNamespace: "ecom"))
            .WithTracing(tracing => tracing
                .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.SampleRatio)))
                .AddSource("Ecom.*", "MassTransit")
                .AddNpgsql()
                .AddAspNetCoreInstrumentation(web => web.Filter = IsBusiness)
                .AddHttpClientInstrumentation(http => http.FilterHttpRequestMessage = request => !IsExport(request)))
            .WithMetrics(metrics => metrics
                .AddMeter("Ecom.*", "MassTransit")
                .AddMeter(_serverMeters)
                .AddView(
                    "http.server.request.duration",
                    new ExplicitBucketHistogramConfiguration { Boundaries = _requestSeconds })
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddPrometheusExporter())
            .WithLogging();

        if (builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 })
        {
            telemetry.UseOtlpExporter();
        }
    }

    private static void AddLogging(WebApplicationBuilder builder)
    {
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        });
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        builder.Logging.AddFilter("System.Net.Http", LogLevel.Warning);
        builder.Logging.AddFilter("Polly", LogLevel.Warning);
        builder.Logging.AddFilter("Npgsql", LogLevel.Warning);
    }

    // Probes and scrapes would drown the requests that matter.
    private static bool IsBusiness(HttpContext context) =>
        !context.Request.Path.StartsWithSegments("/health") && !context.Request.Path.StartsWithSegments("/metrics");

    private static bool IsExport(HttpRequestMessage request) =>
        request.RequestUri?.AbsolutePath is "/v1/traces" or "/v1/metrics" or "/v1/logs"
        && request.Content?.Headers.ContentType?.MediaType == "application/x-protobuf";
}
