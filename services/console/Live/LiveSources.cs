using System.Diagnostics;
using System.Text.Json;
using Ecom.ServiceDefaults.Keys;
using Microsoft.Extensions.Options;

namespace Ecom.Console.Live;

/// <summary>Asks the services, each for two seconds at most; one that is away costs only its own part.</summary>
/// <remarks>
/// The services are asked one shortly after the other: their checks of readiness at the same moment would hold up a
/// small machine, and with it the payments and pages that are under way.
/// </remarks>
internal sealed class LiveSources(
    HttpClient http, IConfiguration configuration, IOptions<ApiKeyOptions> keys, IOptions<ConsoleOptions> options)
{
    private static readonly (string Name, string Setting)[] _services =
    [
        ("ingestion", "Services:Ingestion"),
        ("feature-store", "Services:FeatureStore"),
        ("training", "Services:Training"),
        ("recommendation", "Services:Recommendation"),
        ("forecasting", "Services:Forecasting"),
        ("profiling", "Services:Profiling"),
        ("fraud", "Services:Fraud"),
        ("console", "Services:Console"),
    ];

    /// <summary>Readiness of every service, in the order of the flow.</summary>
    public Task<ServiceState[]> ReadServicesAsync(CancellationToken cancellation)
    {
        var apart = options.Value.PollInterval / 2 / _services.Length;
        return Task.WhenAll(_services.Select(async (service, index) =>
        {
            await Task.Delay(index * apart, cancellation);
            return await ReadServiceAsync(service.Name, service.Setting, cancellation);
        }));
    }

    /// <summary>Ingestion's counts; null if it does not answer.</summary>
    public async Task<IngestionTotals?> ReadTotalsAsync(CancellationToken cancellation)
    {
        var summary = ReadIngestionAsync("v1/summary", Readings.Totals, cancellation);
        var metrics = ReadTextAsync("Services:Ingestion", "metrics", cancellation);
        var totals = await summary;
        var published = await metrics is { } page ? Readings.Published(page) : null;
        return totals is null ? null : totals with { Published = published };
    }

    /// <summary>Ingestion's newest events; null if it does not answer.</summary>
    public Task<IReadOnlyList<RecentEvent>?> ReadRecentAsync(CancellationToken cancellation) =>
        ReadIngestionAsync("v1/events/recent?limit=20", Readings.Recent, cancellation);

    /// <summary>Ingestion's counts of rejected events by reason; null if it does not answer.</summary>
    public Task<IReadOnlyList<RejectReason>?> ReadRejectsAsync(CancellationToken cancellation) =>
        ReadIngestionAsync("v1/rejected/summary", Readings.Rejects, cancellation);

    private async Task<ServiceState> ReadServiceAsync(string name, string setting, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var answer = await ReadTextAsync(setting, "health/ready", cancellation);
        if (answer is not null && TryParse(answer, out var health))
        {
            return Readings.Service(name, health, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return new ServiceState
        {
            Name = name,
            Readiness = configuration[setting] is null ? Readiness.Unknown : Readiness.Away,
            Checks = [],
            Queues = [],
        };
    }

    private async Task<T?> ReadIngestionAsync<T>(
        string path, Func<JsonElement, T> read, CancellationToken cancellation)
        where T : class =>
        await ReadTextAsync("Services:Ingestion", path, cancellation) is { } answer && TryParse(answer, out var json)
            ? read(json)
            : null;

    // An unready service says 503 and why: only answers of another kind are useless.
    private async Task<string?> ReadTextAsync(string setting, string path, CancellationToken cancellation)
    {
        if (configuration[setting] is not { } address)
        {
            return null;
        }

        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{address.TrimEnd('/')}/{path}");
            request.Headers.Add("X-Api-Key", keys.Value.Own ?? "");
            request.Headers.Add("traceparent", Unsampled());
            using var response = await http.SendAsync(request, cancellation);
            return response.IsSuccessStatusCode || path == "health/ready"
                ? await response.Content.ReadAsStringAsync(cancellation)
                : null;
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            cancellation.ThrowIfCancellationRequested();
            return null;
        }
    }

    // The service asked must not start a trace for every look.
    private static string Unsampled() =>
        $"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-00";

    private static bool TryParse(string text, out JsonElement json)
    {
        try
        {
            json = JsonElement.Parse(text);
            return json.ValueKind is JsonValueKind.Object or JsonValueKind.Array;
        }
        catch (JsonException)
        {
            json = default;
            return false;
        }
    }
}
