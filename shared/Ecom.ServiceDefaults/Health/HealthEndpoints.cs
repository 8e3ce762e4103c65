using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Ecom.ServiceDefaults.Health;

internal static class HealthEndpoints
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>
    /// <c>/health/live</c>: the process answers. <c>/health/ready</c>: what it needs is there; shows every check,
    /// but only checks tagged "ready" (and MassTransit's own where the broker is needed) decide the status.
    /// </summary>
    public static void MapHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false }).AllowAnonymous();
        app.MapHealthChecks("/health/ready", new HealthCheckOptions
        {
            Predicate = check => check.Tags.Contains("ready") || check.Tags.Contains("watch"),
            ResponseWriter = WriteAsync,
        }).AllowAnonymous();
    }

    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        var blocking = report.Entries.Where(IsBlocking).ToArray();
        context.Response.StatusCode = blocking.Length == 0
            ? StatusCodes.Status200OK
            : StatusCodes.Status503ServiceUnavailable;
        var body = new
        {
            status = blocking.Length == 0 ? "ready" : "unready",
            checks = report.Entries.Select(entry => new
            {
                name = entry.Key,
                status = entry.Value.Status.ToString(),
                description = entry.Value.Description ?? entry.Value.Exception?.Message,
                data = entry.Value.Data,
            }),
        };
        return context.Response.WriteAsJsonAsync(body, _json, "application/json", context.RequestAborted);
    }

    private static bool IsBlocking(KeyValuePair<string, HealthReportEntry> entry) =>
        entry.Value.Status == HealthStatus.Unhealthy
        && entry.Value.Tags.Contains("ready")
        && !entry.Value.Tags.Contains("masstransit");
}
