using System.Diagnostics;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ecom.Cli.Demo;
using Ecom.Cli.Import;

namespace Ecom.Cli.Bench;

/// <summary>
/// From an event's HTTP request to the recommendations that follow from it: what a customer buys is gone from every
/// placement that showed it; what a customer looks at changes the list of the front page.
/// </summary>
/// <remarks>One customer after the other, each asked only for one thing: reactions do not mix.</remarks>
internal sealed class ReactionBench(SystemClient client, IngestionTarget target)
{
    private const int Longest = 50;
    private const int ViewsOfVisit = 3;
    private const string Home = "home";
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    private readonly string _run = RandomNumberGenerator.GetHexString(8, lowercase: true);
    private readonly List<string> _missing = [];

    /// <param name="customers">Customers who buy, and as many others who look.</param>
    /// <param name="report">Told each stage.</param>
    /// <param name="cancellation">Stops the run.</param>
    public async Task<BenchResult> RunAsync(int customers, Action<string> report, CancellationToken cancellation)
    {
        var shop = await new ServedShop(client, target).PrepareAsync(report, cancellation);
        report("yard-stick: the bare endpoint, for 3 s");
        var bare = await BareEndpoint.MeasureAsync(client.Address("recommendation"), 0, lanes: 1, cancellation);
        using var sender = new EventSender(target);
        using var reader = client.Connect();
        var placements = await PlacementsAsync(cancellation);
        var (bought, viewed) = (new List<double>(), new List<double>());
        foreach (var customer in shop.CustomerIds)
        {
            var isBuyer = bought.Count <= viewed.Count;
            if (bought.Count + viewed.Count + _missing.Count >= 2 * customers)
            {
                break;
            }

            if (await FrontPageAsync(reader, customer, cancellation) is not { Count: > 1 } list)
            {
                continue;
            }

            report($"{bought.Count} purchases and {viewed.Count} views of {customers}");
            var took = isBuyer
                ? await BuyAsync(sender, reader, customer, list, placements, cancellation)
                : await ViewAsync(sender, reader, customer, list, cancellation);
            if (took is { } ms)
            {
                (isBuyer ? bought : viewed).Add(ms);
            }
        }

        return Result(new Latencies(bought), new Latencies(viewed), bare);
    }

    private BenchResult Result(Latencies bought, Latencies viewed, LoadRun bare) => new()
    {
        Bench = "reaction",
        Metrics = new Dictionary<string, double>
        {
            ["p50Ms"] = bought.At(0.50),
            ["p99Ms"] = bought.At(0.99),
            ["maxMs"] = bought.Max,
            ["clickP50Ms"] = viewed.At(0.50),
            ["clickP99Ms"] = viewed.At(0.99),
            ["clickMaxMs"] = viewed.Max,
            ["purchases"] = bought.Count,
            ["clicks"] = viewed.Count,
            ["errors"] = _missing.Count,
        },
        Yardstick = new Dictionary<string, double>
        {
            ["p50Ms"] = bare.LatenciesMs.At(0.50),
            ["p99Ms"] = bare.LatenciesMs.At(0.99),
        },
        Ratio = Math.Round(bought.At(0.99) / bare.LatenciesMs.At(0.99), 1),
        Targets = new Dictionary<string, BenchTarget>
        {
            ["p99Ms"] = new(2_000, 300, AtLeast: false),
            ["clickP99Ms"] = new(2_000, 300, AtLeast: false),
            ["errors"] = new(0, 0, AtLeast: false),
        },
        Notes =
        [
            .. _missing.Take(5),
            .. bought.Count + viewed.Count == 0 ? ["No customer has a list of the model's."] : Array.Empty<string>(),
        ],
    };

    private async Task<double?> BuyAsync(
        EventSender sender,
        HttpClient reader,
        string customer,
        IReadOnlyList<Shown> list,
        IReadOnlyList<string> placements,
        CancellationToken cancellation)
    {
        var (product, beside) = (list[0].ProductId, list[1].ProductId);
        var showing = new List<string>();
        foreach (var placement in placements)
        {
            if (await ShowsAsync(placement))
            {
                showing.Add(placement);
            }
        }

        var watch = Stopwatch.StartNew();
        var order = Event(customer, "Order Completed", new
        {
            order_id = $"reaction-{_run}-{customer}",
            currency = "GBP",
            products = new[] { new { product_id = product, quantity = 1, price = 9.99 } },
        });
        await sender.SendAsync("v1/track", JsonSerializer.SerializeToUtf8Bytes(order), 1, cancellation);
        while (watch.Elapsed < _patience)
        {
            while (showing.Count > 0 && !await ShowsAsync(showing[^1]))
            {
                showing.RemoveAt(showing.Count - 1);
            }

            if (showing.Count == 0)
            {
                return watch.Elapsed.TotalMilliseconds;
            }

            await Task.Delay(_poll, cancellation);
        }

        _missing.Add($"{string.Join(", ", showing)} still show {product} to {customer} who bought it.");
        return null;

        async Task<bool> ShowsAsync(string placement) =>
            (await AskAsync(reader, customer, placement, beside, cancellation)).Any(item => item.ProductId == product);
    }

    private async Task<double?> ViewAsync(
        EventSender sender,
        HttpClient reader,
        string customer,
        IReadOnlyList<Shown> list,
        CancellationToken cancellation)
    {
        // Another view of what the customer knows already may change nothing: products that are no reason yet, and
        // several of them.
        var known = list.Select(item => item.Because).ToHashSet();
        string[] products =
        [
            .. list.Where(item => !known.Contains(item.ProductId)).Select(item => item.ProductId)
                .DefaultIfEmpty(list[0].ProductId).Take(ViewsOfVisit),
        ];
        var views = products.Select(product =>
            Event(customer, "Product Viewed", new { product_id = product, price = 9.99, currency = "GBP" }, product));
        var visit = JsonSerializer.SerializeToUtf8Bytes(new { batch = views });
        var watch = Stopwatch.StartNew();
        await sender.SendAsync("v1/batch", visit, products.Length, cancellation);
        while (watch.Elapsed < _patience)
        {
            if (await FrontPageAsync(reader, customer, cancellation) is { } now && IsOther(list, now))
            {
                return watch.Elapsed.TotalMilliseconds;
            }

            await Task.Delay(_poll, cancellation);
        }

        _missing.Add($"The list of {customer} is the same after views of {string.Join(", ", products)}.");
        return null;
    }

    // Rotation and exploration change an answer without any event: only what the model says of a product counts.
    private static bool IsOther(IReadOnlyList<Shown> before, IReadOnlyList<Shown> now)
    {
        var known = before.ToDictionary(item => item.ProductId);
        return now.Any(item => known.TryGetValue(item.ProductId, out var old) && item != old)
            || !now.Any(item => known.ContainsKey(item.ProductId));
    }

    // What the customer's own list holds.
    private async Task<IReadOnlyList<Shown>> FrontPageAsync(
        HttpClient reader, string customer, CancellationToken cancellation) =>
        [.. (await AskAsync(reader, customer, Home, beside: null, cancellation)).Where(item => item.IsOwn)];

    private async Task<List<Shown>> AskAsync(
        HttpClient reader, string customer, string placement, string? beside, CancellationToken cancellation)
    {
        var shown = beside is null ? string.Empty : $"&productId={Uri.EscapeDataString(beside)}";
        var answer = await reader.GetFromJsonAsync<JsonNode>(
            client.Address(
                "recommendation",
                $"/v1/recommendations?placement={placement}&count={Longest}"
                    + $"&customerId={Uri.EscapeDataString(customer)}{shown}"),
            cancellation);
        return [.. (answer?["items"] as JsonArray ?? []).Select(item => new Shown(
            item!["productId"]!.GetValue<string>(),
            item["score"]!.GetValue<double>(),
            item["reason"]?["productId"]?.GetValue<string>(),
            item["source"]?.GetValue<string>() == "personal"))];
    }

    // Those that leave out what was bought.
    private async Task<string[]> PlacementsAsync(CancellationToken cancellation) =>
        [.. ((await client.GetAsync("recommendation", "/v1/placements", cancellation)) as JsonArray ?? [])
            .Where(row => row?["settings"]?["excludeBought"]?.GetValue<bool>() is true)
            .Select(row => row!["name"]!.GetValue<string>())];

    private object Event(string customer, string name, object properties, string? product = null) => new
    {
        type = "track",
        @event = name,
        messageId = $"reaction-{_run}-{customer}-{product}",
        userId = customer,
        timestamp = ViewBatch.EventTime(TimeProvider.System.GetUtcNow()),
        properties,
    };

    private sealed record Shown(string ProductId, double Score, string? Because, bool IsOwn);
}
