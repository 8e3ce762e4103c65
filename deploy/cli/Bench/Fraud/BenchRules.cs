using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Ecom.Cli.Demo;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Bench.Fraud;

/// <summary>
/// Brings as many rules into force as a benchmark promises, beside those of the shop: rules of two or three conditions
/// that hold for nobody. Taken out again when it ends.
/// </summary>
internal sealed class BenchRules(SystemClient client, string run) : IAsyncDisposable
{
    private const string Service = "fraud";

    // Replicas look for changed rules each second.
    private static readonly TimeSpan _untilFollowed = TimeSpan.FromSeconds(2);

    private static readonly string[] _features =
    [
        "customer_payments_1d", "card_payments_1d", "device_cards_1d_with_this", "ip_customers_1d_with_this",
        "customer_failures_1h", "device_customers_7d_with_this", "amount", "terminal_frauds_7d",
    ];

    private readonly List<string> _paths = [];

    /// <summary>Conditions like those of a shop's rules, with thresholds that no payment reaches.</summary>
    /// <param name="count">How many.</param>
    public static IEnumerable<string> Conditions(int count) => Enumerable.Range(0, count).Select(number =>
    {
        var (one, other) = (_features[number % _features.Length], _features[(number * 3 + 1) % _features.Length]);
        var limit = (1_000_000_000 + number).ToString(CultureInfo.InvariantCulture);
        return (number % 4) switch
        {
            0 => $"{one} >= {limit}",
            1 => $"{one} >= 0 and {other} >= {limit}",
            2 => $"({one} >= {limit} or {other} >= {limit}) and card_country != ip_country",
            _ => $"{one} >= 0 and ip_country == \"GB\" and {one} / (1 + {other}) >= {limit}",
        };
    });

    /// <summary>Fills up the rules in force and waits until every replica follows them.</summary>
    /// <param name="wanted">Rules in force.</param>
    /// <param name="author">A client that may write rules; the administrator approves them.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task StartAsync(int wanted, HttpClient author, CancellationToken cancellation)
    {
        var now = await client.GetAsync(Service, "/v1/rules", cancellation);
        var missing = wanted - now!["rules"]!.AsArray().Count;
        foreach (var (number, condition) in Conditions(Math.Max(0, missing)).Index())
        {
            var code = $"bench_{run}_{number}";
            using var drafted = await author.PostAsJsonAsync(
                client.Address(Service, "/v1/rules"),
                new { code, when = condition, weight = 0.5, text = "Never.", note = "./ecom bench fraud" },
                cancellation);
            if (!drafted.IsSuccessStatusCode)
            {
                throw new SetupException(
                    $"The rule '{condition}' is refused: {await drafted.Content.ReadAsStringAsync(cancellation)}");
            }

            var version = (await drafted.Content.ReadFromJsonAsync<JsonNode>(cancellation))!["version"]!;
            var path = $"/v1/rules/{code}/versions/{version}";
            await client.PostAsync(Service, $"{path}/activate", null, cancellation);
            _paths.Add(path);
        }

        await Task.Delay(_untilFollowed, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var path in _paths)
        {
            await client.PostAsync(Service, $"{path}/retire", null, CancellationToken.None);
        }
    }
}
