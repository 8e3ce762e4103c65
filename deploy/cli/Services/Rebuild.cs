using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Ecom.Cli.Demo;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Services;

/// <summary>What a rebuild did.</summary>
internal sealed record RebuildResult
{
    public required string Service { get; init; }

    /// <summary>The generation that serves now; null where there are none.</summary>
    public long? Generation { get; init; }

    /// <summary>Records that it was filled from: events, payments and messages, lists, or profiles.</summary>
    public required long Records { get; init; }

    /// <summary>From the request to the switch.</summary>
    public required double Seconds { get; init; }

    /// <summary>Entities compared bit for bit with the generation before; null if none were.</summary>
    public int? Compared { get; init; }

    public int? Differing { get; init; }
}

/// <summary>Makes what a service keeps in Redis anew, through its API, while it runs.</summary>
/// <param name="client">Asks the services.</param>
/// <param name="report">Told how far it is, every two seconds.</param>
internal sealed class Rebuild(SystemClient client, Action<string> report)
{
    public static readonly string[] Services = ["feature-store", "fraud", "recommendation", "profiling"];

    /// <summary>Those whose generations can be compared.</summary>
    public static readonly string[] Comparable = ["feature-store", "fraud"];

    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(500);
    private readonly long _began = Stopwatch.GetTimestamp();
    private long _reported;

    private double Seconds => Math.Round(Stopwatch.GetElapsedTime(_began).TotalSeconds, 1);

    /// <param name="service">One of <see cref="Services"/>.</param>
    /// <param name="verify">Entities to compare; 0 is none.</param>
    /// <param name="fromLog">Whether feature-store's history is filled from ingestion's log before.</param>
    /// <param name="cancellation">Stops waiting; the rebuild goes on.</param>
    public Task<RebuildResult> RunAsync(
        string service, int verify, bool fromLog, CancellationToken cancellation) => service switch
        {
            "recommendation" => RefreshListsAsync(cancellation),
            "profiling" => RefreshProfilesAsync(cancellation),
            _ => BuildGenerationAsync(service, verify, fromLog, cancellation),
        };

    private async Task<RebuildResult> BuildGenerationAsync(
        string service, int verify, bool fromLog, CancellationToken cancellation)
    {
        const string Path = "/v1/generations";

        var before = Newest(await client.GetAsync(service, Path, cancellation), "active");
        if (fromLog)
        {
            await client.PostAsync(service, "/v1/log-fills", null, cancellation);
        }

        await client.PostAsync(service, $"{Path}?verify={verify}", null, cancellation);
        while (true)
        {
            var generations = await client.GetAsync(service, Path, cancellation);
            var active = Newest(generations, "active");
            if (Number(active) is { } number && number > Number(before))
            {
                return new RebuildResult
                {
                    Service = service,
                    Generation = number,
                    Records = active!["done"]!.GetValue<long>(),
                    Seconds = Seconds,
                    Compared = active["compared"]?.GetValue<int>(),
                    Differing = active["differing"]?.GetValue<int>(),
                };
            }

            Say(await StepAsync(service, fromLog, Newest(generations, "building"), cancellation));
            await Task.Delay(_poll, cancellation);
        }
    }

    private async Task<string> StepAsync(
        string service, bool fromLog, JsonNode? building, CancellationToken cancellation)
    {
        if (fromLog && (await client.GetAsync(service, "/v1/log-fills", cancellation)).Rows() is [var fill, ..]
            && !fill["done"]!.GetValue<bool>())
        {
            return $"history: {fill["messages"]!.GetValue<long>():N0} messages read from ingestion's log";
        }

        var expected = building?["expected"]?.GetValue<long>() is { } whole
            ? whole.ToString("N0", CultureInfo.InvariantCulture)
            : "?";
        var done = (building?["done"]?.GetValue<long>() ?? 0).ToString("N0", CultureInfo.InvariantCulture);
        return $"generation {Number(building)}: {done} of {expected} records";
    }

    private async Task<RebuildResult> RefreshListsAsync(CancellationToken cancellation)
    {
        const string Service = "recommendation";
        const string Path = "/v1/generations";

        var before = Newest(await client.GetAsync(Service, Path, cancellation), "current")
            ?? throw new SetupException("No model is promoted yet: there are no lists to make anew.");
        await client.PostAsync(Service, Path, null, cancellation);
        while (true)
        {
            var generations = await client.GetAsync(Service, Path, cancellation);
            var newest = generations.Rows()[0];
            if (Newest(generations, "current") is { } current && Number(current) > Number(before))
            {
                return new RebuildResult
                {
                    Service = Service,
                    Generation = Number(current),
                    Records = current["customers"]!.GetValue<long>() + current["products"]!.GetValue<long>(),
                    Seconds = Seconds,
                };
            }

            if (newest["state"]?.GetValue<string>() == "failed")
            {
                throw new SetupException($"The lists could not be made: {newest["error"]}");
            }

            Say($"generation {Number(newest)}: lists of {newest["customers"]} customers");
            await Task.Delay(_poll, cancellation);
        }
    }

    private async Task<RebuildResult> RefreshProfilesAsync(CancellationToken cancellation)
    {
        const string Path = "/v1/profile-refresh";

        var answer = await client.PostAsync("profiling", Path, null, cancellation);
        while (answer?["waiting"]?.GetValue<long>() is > 0 and var waiting)
        {
            Say($"{waiting:N0} of {answer["customers"]} profiles wait");
            await Task.Delay(_poll, cancellation);
            answer = await client.GetAsync("profiling", Path, cancellation);
        }

        return new RebuildResult
        {
            Service = "profiling",
            Records = answer?["customers"]?.GetValue<long>() ?? 0,
            Seconds = Seconds,
        };
    }

    private void Say(string step)
    {
        if (_reported == 0 || Stopwatch.GetElapsedTime(_reported) > TimeSpan.FromSeconds(2))
        {
            _reported = Stopwatch.GetTimestamp();
            report($"{step}, {Seconds:0} s");
        }
    }

    private static JsonNode? Newest(JsonNode? generations, string state) =>
        generations.Rows().FirstOrDefault(generation => generation["state"]?.GetValue<string>() == state);

    private static long? Number(JsonNode? generation) =>
        (generation?["number"] ?? generation?["generation"])?.GetValue<long>();
}
