using System.Text.Json;
using System.Text.Json.Nodes;
using Ecom.Cli.Services;

namespace Ecom.Cli.Bench.Faults;

/// <summary>Asks the system whether it serves, as its users would see it.</summary>
internal sealed class Probes(TrialSystem trial, EventSender sender, TimeProvider clock)
{
    /// <summary>Begin of the ids that probes use.</summary>
    public const string Prefix = "probe-";

    /// <summary>How long all must be well before the system counts as whole: a loss is noticed only then.</summary>
    public static readonly TimeSpan Stable = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(100);
    private int _number;

    /// <summary>Waits until a fault is over.</summary>
    public Task WaitAsync(Fault fault, CancellationToken cancellation) => fault.Proof switch
    {
        Proof.Accepts => SendAsync(cancellation),
        Proof.Features => FeatureAsync(cancellation),
        Proof.Reads => UntilAsync(
            async () => await ReadFeaturesAsync("c-1", cancellation) is not null
                && await AssessAsync(cancellation) is not null,
            cancellation),
        _ => UntilAsync(
            async () => await trial.IsReadyAsync(fault.Process, cancellation)
                && (fault.Path is { } path
                    ? await AnswersAsync(fault, path, cancellation)
                    : await AssessAsync(cancellation) is not null),
            cancellation),
    };

    /// <summary>Waits until every service was ready, and nothing degraded, for <see cref="Stable"/>.</summary>
    public async Task WaitUntilWholeAsync(CancellationToken cancellation)
    {
        var since = clock.GetTimestamp();
        while (clock.GetElapsedTime(since) < Stable)
        {
            if (!await IsWholeAsync(cancellation))
            {
                since = clock.GetTimestamp();
            }

            await Task.Delay(_poll, cancellation);
        }
    }

    private async Task<bool> IsWholeAsync(CancellationToken cancellation)
    {
        var ready = await Task.WhenAll(
            ServiceDefinition.All.Select(service => trial.IsReadyAsync(service.Name, cancellation)));
        return ready.All(one => one)
            && !IsDegraded(await ReadFeaturesAsync("c-1", cancellation))
            && !IsDegraded(await AssessAsync(cancellation))
            && !IsDegraded(await trial.TryGetAsync("profiling", "/v1/customers/c-1/profile", cancellation));
    }

    // The console answers with a page.
    private async Task<bool> AnswersAsync(Fault fault, string path, CancellationToken cancellation) =>
        path == "/health/live" || await trial.TryGetAsync(fault.Process, path, cancellation) is not null;

    private async Task<string> SendAsync(CancellationToken cancellation)
    {
        var id = $"{Prefix}{Interlocked.Increment(ref _number)}";
        var json = JsonSerializer.SerializeToUtf8Bytes(new
        {
            type = "track",
            @event = "Product Viewed",
            messageId = id,
            userId = id,
            timestamp = clock.GetUtcNow(),
            properties = new { product_id = "product-1" },
        });
        var fact = new Fact { Kind = FactKind.View, Customer = id, Lines = [new FactLine("product-1", 1, 0)] };
        await sender.SendAsync([new PlannedEvent(id, json, fact)], cancellation);
        return id;
    }

    private async Task FeatureAsync(CancellationToken cancellation)
    {
        var id = await SendAsync(cancellation);
        await UntilAsync(
            async () => await ReadFeaturesAsync(id, cancellation) is { } read
                && read["features"]?[0]?["value"]?.GetValue<double>() >= 1,
            cancellation);
    }

    private Task<JsonNode?> ReadFeaturesAsync(string customer, CancellationToken cancellation) =>
        trial.TryGetAsync("feature-store", $"/v1/features/customer/{customer}?names=customer_views_30d", cancellation);

    private Task<JsonNode?> AssessAsync(CancellationToken cancellation) => trial.TryPostAsync(
        "fraud",
        "/v1/assess",
        new { paymentId = $"{Prefix}{Interlocked.Increment(ref _number)}", amount = 100, currency = "GBP" },
        cancellation);

    // No answer is none that is whole.
    private static bool IsDegraded(JsonNode? answer) =>
        answer is null || answer["degraded"] is JsonValue flag && flag.TryGetValue<bool>(out var set) && set;

    private static async Task UntilAsync(Func<Task<bool>> holds, CancellationToken cancellation)
    {
        while (!await holds())
        {
            await Task.Delay(_poll, cancellation);
        }
    }
}
