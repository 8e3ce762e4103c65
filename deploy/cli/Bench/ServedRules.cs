using System.Globalization;
using System.Security.Cryptography;
using Ecom.Cli.Demo;
using Ecom.Simulator;

namespace Ecom.Cli.Bench;

/// <summary>
/// What merchandisers have on while a shop is served: a rule of each effect at all placements and an experiment on the
/// front page. Taken out again when the benchmark ends.
/// </summary>
internal sealed class ServedRules(SystemClient client) : IAsyncDisposable
{
    private const string Service = "recommendation";
    private const string ExperimentPrefix = "bench-serve-";
    private static readonly TimeSpan _lifetime = TimeSpan.FromHours(1);

    // Replicas look for changed settings twice a second.
    private static readonly TimeSpan _untilFollowed = TimeSpan.FromSeconds(2);

    private readonly List<string> _rules = [];
    private string? _experiment;

    /// <summary>Switches everything on and waits until it is followed.</summary>
    public async Task StartAsync(ImportedShop shop, TimeProvider clock, CancellationToken cancellation)
    {
        foreach (var effect in Effects(shop))
        {
            await AddRuleAsync(effect, clock.GetUtcNow() + _lifetime, cancellation);
        }

        await StartExperimentAsync(cancellation);
        await Task.Delay(_untilFollowed, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var rule in _rules)
        {
            await client.PostAsync(Service, $"/v1/rules/{rule}/retire", null, CancellationToken.None);
        }

        if (_experiment is not null)
        {
            await client.PostAsync(Service, $"/v1/experiments/{_experiment}/stop", null, CancellationToken.None);
        }
    }

    // Conditions on products, brands or categories, prices and stock.
    private static IEnumerable<(string Effect, object Value, object When)> Effects(ImportedShop shop)
    {
        var byDemand = shop.Products.OrderByDescending(product => product.Popularity).ToArray();
        var prices = shop.Products.Select(product => product.Price).Order().ToArray();
        var middle = (long)(prices[prices.Length / 2] * 100);
        object kin = byDemand[0].Category is { } category
            ? new { categories = new[] { category } }
            : new { priceFrom = middle };
        yield return ("pin", 2, new { products = new[] { byDemand[^1].ProductId } });
        yield return ("boost", 2.0, new { priceTo = middle, stockFrom = 1 });
        yield return ("boost", 0.5, new { priceFrom = middle * 4, visitor = "known" });
        yield return ("promote", 0.3, kin);
        yield return ("exclude", true, new { products = byDemand.Take(20).Select(product => product.ProductId) });
    }

    private async Task AddRuleAsync(
        (string Effect, object Value, object When) effect, DateTimeOffset end, CancellationToken cancellation)
    {
        var plan = new Dictionary<string, object>
        {
            ["title"] = "bench serve",
            ["owner"] = "bench",
            ["expiresAt"] = end,
            ["when"] = effect.When,
            [effect.Effect] = effect.Value,
        };
        var rule = await client.PostAsync(Service, "/v1/rules", plan, cancellation);
        var number = rule!["number"]!.GetValue<long>().ToString(CultureInfo.InvariantCulture);
        await client.PostAsync(Service, $"/v1/rules/{number}/activate", null, cancellation);
        _rules.Add(number);
    }

    // A benchmark that was killed left its own running; one of the shop's serves as well.
    private async Task StartExperimentAsync(CancellationToken cancellation)
    {
        var experiments = await client.GetAsync(Service, "/v1/experiments", cancellation);
        string[] running =
        [
            .. experiments!.AsArray()
                .Where(one => one?["state"]?.GetValue<string>() == "running")
                .Select(one => one!["name"]!.GetValue<string>()),
        ];
        var left = running.Where(name => name.StartsWith(ExperimentPrefix, StringComparison.Ordinal)).ToArray();
        foreach (var killed in left)
        {
            await client.PostAsync(Service, $"/v1/experiments/{killed}/stop", null, cancellation);
        }

        if (running.Length > left.Length)
        {
            return;
        }

        var name = ExperimentPrefix + RandomNumberGenerator.GetHexString(8, lowercase: true);
        await client.PutAsync(
            Service,
            $"/v1/experiments/{name}",
            new { placement = "home", owner = "bench", arms = new[] { new { name = "a" }, new { name = "b" } } },
            cancellation);
        await client.PostAsync(Service, $"/v1/experiments/{name}/start", null, cancellation);
        _experiment = name;
    }
}
