using Ecom.Cli.Demo;
using Ecom.Cli.Import;
using Ecom.Cli.Infrastructure;
using Ecom.Simulator;

namespace Ecom.Cli.Bench;

/// <summary>
/// Recommendations for many customers with everything on, as fast as they come (closed loop) in turns with a bare
/// endpoint that does one Redis GET and returns as many bytes; then at a fixed rate (open loop).
/// </summary>
internal sealed class ServeBench(SystemClient client, IngestionTarget target, InstanceDirectory instance)
{
    private const int Lanes = 32;
    private const int Questions = 5_000;
    private static readonly TimeSpan _warmUp = TimeSpan.FromSeconds(6);

    /// <param name="perSecond">Rate of the open loop.</param>
    /// <param name="duration">How long each kind is asked, in all.</param>
    /// <param name="turns">Turns of service and yard-stick that the duration is cut into.</param>
    /// <param name="report">Told each stage.</param>
    /// <param name="cancellation">Stops the run.</param>
    public async Task<BenchResult> RunAsync(
        double perSecond, TimeSpan duration, int turns, Action<string> report, CancellationToken cancellation)
    {
        var shop = await new ServedShop(client, target).PrepareAsync(report, cancellation);
        report("rules of each effect and an experiment");
        await using var rules = new ServedRules(client);
        await rules.StartAsync(shop, TimeProvider.System, cancellation);
        var address = client.Address("recommendation");
        var requests = Requests(address, shop, target.Key);
        using var service = await Lane.OpenAsync(address, Lanes, requests, cancellation);
        report($"warming up: {requests.Length:N0} different questions");
        await service.RunAsync(0, _warmUp, cancellation);
        var bytes = service.MeanBytes;

        using var yardstick = await BareRedisEndpoint.StartAsync(ConfigurationOfRedis(), bytes, cancellation);
        using var bare = await Lane.OpenAsync(
            yardstick.Address,
            Lanes,
            [HttpLane.Request(yardstick.Address, BareRedisEndpoint.Path, key: null)],
            cancellation);
        await bare.RunAsync(0, _warmUp, cancellation);
        report($"closed loop, {Lanes} in flight, {turns} turns with the bare endpoint, answers of {bytes:N0} bytes");
        var (asked, plain) = (new List<LoadRun>(), new List<LoadRun>());
        for (var turn = 0; turn < turns; turn++)
        {
            asked.Add(await service.RunAsync(0, duration / turns, cancellation));
            plain.Add(await bare.RunAsync(0, duration / turns, cancellation));
        }

        report($"open loop, {perSecond:N0} requests/s");
        var open = await service.RunAsync(perSecond, duration, cancellation);
        report("the bare endpoint at the same rate");
        var openBare = await bare.RunAsync(perSecond, duration / 2, cancellation);
        return Result(bytes, asked, plain, open, openBare);
    }

    private static BenchResult Result(
        int bytes, IReadOnlyList<LoadRun> asked, IReadOnlyList<LoadRun> plain, LoadRun open, LoadRun openBare)
    {
        // Turn by turn, since a machine's speed drifts; the median, since something always disturbs one of them.
        var ratios = asked.Zip(plain, (ours, its) => PerSecond(ours) / PerSecond(its)).Order().ToArray();
        return new BenchResult
        {
            Bench = "serve",
            Metrics = new Dictionary<string, double>
            {
                ["requestsPerSecond"] = Math.Round(asked.Average(PerSecond)),
                ["ofBare"] = Math.Round(ratios[ratios.Length / 2], 3),
                ["closedP99Ms"] = asked.Max(run => run.LatenciesMs.At(0.99)),
                ["p50Ms"] = open.LatenciesMs.At(0.50),
                ["p99Ms"] = open.LatenciesMs.At(0.99),
                ["maxMs"] = open.LatenciesMs.Max,
                ["answerBytes"] = bytes,
            },
            Yardstick = new Dictionary<string, double>
            {
                ["requestsPerSecond"] = Math.Round(plain.Average(PerSecond)),
                ["p50Ms"] = openBare.LatenciesMs.At(0.50),
                ["p99Ms"] = openBare.LatenciesMs.At(0.99),
            },
            Ratio = Math.Round(ratios[ratios.Length / 2], 3),
            Targets = new Dictionary<string, BenchTarget>
            {
                ["ofBare"] = new(0.4, 0.7, AtLeast: true),
                ["p99Ms"] = new(8, 3, AtLeast: false),
            },
            Notes = [.. new[] { open.FellBehind }.OfType<string>()],
        };
    }

    private static double PerSecond(LoadRun run) => run.Sent / run.Seconds;

    // What a shop asks: mostly front pages, then product pages and carts, each for a customer that it knows.
    private static byte[][] Requests(Uri address, ImportedShop shop, string key) =>
        [.. Enumerable.Range(0, Questions).Select(number =>
        {
            var customer = Uri.EscapeDataString(shop.CustomerIds[number % shop.CustomerIds.Count]);
            var product = Uri.EscapeDataString(shop.Products[number * 7 % shop.Products.Count].ProductId);
            var other = Uri.EscapeDataString(shop.Products[number * 11 % shop.Products.Count].ProductId);
            var question = (number % 20) switch
            {
                < 12 => "placement=home",
                < 17 => $"placement=product&productId={product}",
                _ => $"placement=cart&cart={product}&cart={other}",
            };
            return HttpLane.Request(
                address, $"/v1/recommendations?{question}&customerId={customer}&count=10", key);
        })];

    private string ConfigurationOfRedis() =>
        GivenAddresses.FromEnvironment(Environment.GetEnvironmentVariable).Redis
            ?? new RedisServer(instance, durable: true).Configuration;

    /// <summary>Connections to one address that ask the same questions in turn.</summary>
    private sealed class Lane(HttpLane[] connections, byte[][] requests) : IDisposable
    {
        private long _bytes;
        private long _answers;

        public int MeanBytes => (int)(Interlocked.Read(ref _bytes) / Math.Max(1, Interlocked.Read(ref _answers)));

        public static async Task<Lane> OpenAsync(
            Uri address, int lanes, byte[][] requests, CancellationToken cancellation)
        {
            var connections = new HttpLane[lanes];
            for (var lane = 0; lane < lanes; lane++)
            {
                connections[lane] = await HttpLane.ConnectAsync(address, cancellation);
            }

            return new Lane(connections, requests);
        }

        public Task<LoadRun> RunAsync(double perSecond, TimeSpan duration, CancellationToken cancellation) =>
            new OpenLoop(connections.Length).RunAsync(perSecond, duration, AskAsync, cancellation);

        public void Dispose() => Array.ForEach(connections, connection => connection.Dispose());

        private async Task AskAsync(int lane, long number, CancellationToken cancellation)
        {
            var read = await connections[lane].AskAsync(requests[number % requests.Length], cancellation);
            Interlocked.Add(ref _bytes, read);
            Interlocked.Increment(ref _answers);
        }
    }
}
