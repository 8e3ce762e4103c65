using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using Ecom.Cli.Demo;
using Ecom.Cli.Import;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Bench;

/// <summary>
/// Online reads of entities with a year of history: one customer, the six entities of one payment (51 features), and
/// 100 customers at once. Times are those that the service measured, read from its metrics.
/// </summary>
internal sealed class FeaturesBench(SystemClient client, IngestionTarget target)
{
    private const int Customers = 100;
    private const int Lanes = 64;
    private const int BatchSize = 100;
    private const string OneRoute = "/v1/features/{entity}/{id}";
    private const string ManyRoute = "/v1/features/read";
    private static readonly TimeSpan _cache = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _warmUp = TimeSpan.FromSeconds(4);
    private static readonly MediaTypeHeaderValue _json = new("application/json");
    private long _errors;
    private readonly BenchHistory _history = new(RandomNumberGenerator.GetHexString(8, lowercase: true));

    /// <param name="perSecond">Reads a second of the first two kinds; of 100 customers a fiftieth.</param>
    /// <param name="duration">How long each kind is read.</param>
    /// <param name="report">Told each stage.</param>
    /// <param name="cancellation">Stops the run.</param>
    public async Task<BenchResult> RunAsync(
        double perSecond, TimeSpan duration, Action<string> report, CancellationToken cancellation)
    {
        report($"loading a year of history of {Customers} customers");
        var gateway = IngestionGateway.Connect(target.Address, target.Key, TimeProvider.System);
        foreach (var batch in _history.Events(Customers, TimeProvider.System.GetUtcNow()).Chunk(BatchSize))
        {
            var verdicts = await gateway.SendEventsAsync(batch, cancellation);
            if (verdicts.FirstOrDefault(verdict => verdict.Status != Verdict.Accepted) is { } refused)
            {
                throw new SetupException($"Ingestion refused an event of the benchmark: {refused.Reason}");
            }
        }

        await new Backlog(client).DrainAsync(report, cancellation);
        report("yard-stick: the bare endpoint at the same rate for 3 s");
        var bare = await BareEndpoint.MeasureAsync(client.Address("feature-store"), perSecond, Lanes, cancellation);

        using var http = client.Connect();
        report($"one customer, {perSecond:N0} reads/s for {duration.TotalSeconds:0} s");
        var one = await MeasureAsync(http, OneRoute, perSecond, duration, One, cancellation);
        report("customer, session, device, IP, card and product of a payment in one read");
        var payment = await MeasureAsync(
            http, ManyRoute, perSecond, duration, number => Many(_history.PaymentOf(Pick(number))), cancellation);
        report($"{Customers} customers in one read");
        var all = Enumerable.Range(0, Customers).Select(_history.Customer).ToArray();
        var many = await MeasureAsync(http, ManyRoute, perSecond / 50, duration, _ => Many(all), cancellation);
        return Result(perSecond, bare, one, payment, many, Interlocked.Read(ref _errors));
    }

    private static BenchResult Result(
        double perSecond, LoadRun bare, Measured one, Measured payment, Measured many, long errors) => new()
        {
            Bench = "features",
            Metrics = new Dictionary<string, double>
            {
                ["requestsPerSecond"] = perSecond,
                ["errors"] = errors,
                ["features"] = payment.Features,
                ["p50Ms"] = payment.ServerMs(0.50),
                ["p99Ms"] = payment.ServerMs(0.99),
                ["clientP99Ms"] = payment.Load.LatenciesMs.At(0.99),
                ["customerFeatures"] = one.Features,
                ["customerP50Ms"] = one.ServerMs(0.50),
                ["customerP99Ms"] = one.ServerMs(0.99),
                ["customerClientP99Ms"] = one.Load.LatenciesMs.At(0.99),
                ["hundredFeatures"] = many.Features,
                ["hundredP50Ms"] = many.ServerMs(0.50),
                ["hundredP99Ms"] = many.ServerMs(0.99),
                ["hundredClientP99Ms"] = many.Load.LatenciesMs.At(0.99),
            },
            Yardstick = new Dictionary<string, double> { ["clientP99Ms"] = bare.LatenciesMs.At(0.99) },
            Ratio = Math.Round(payment.Load.LatenciesMs.At(0.99) / bare.LatenciesMs.At(0.99), 2),
            Targets = new Dictionary<string, BenchTarget>
            {
                ["p99Ms"] = new(5, 1.5, AtLeast: false),
                ["customerP99Ms"] = new(5, 1.5, AtLeast: false),
                ["hundredP99Ms"] = new(50, 20, AtLeast: false),
            },
            Notes =
            [
                "p50Ms, p99Ms: as the service measured them, interpolated in the buckets of its histogram.",
                .. new[] { one, payment, many }.Select(measured => measured.Load.FellBehind).OfType<string>(),
            ],
        };

    private static int Pick(long number) => (int)(number * 7 % Customers);

    private HttpRequestMessage One(long number) => new(
        HttpMethod.Get, client.Address("feature-store", $"/v1/features/customer/{_history.Customer(Pick(number)).Id}"));

    private HttpRequestMessage Many(IReadOnlyList<EntityAsked> entities) =>
        new(HttpMethod.Post, client.Address("feature-store", ManyRoute))
        {
            Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(
                new { entities }, JsonSerializerOptions.Web))
            {
                Headers = { ContentType = _json },
            },
        };

    private async Task<Measured> MeasureAsync(
        HttpClient http,
        string route,
        double perSecond,
        TimeSpan duration,
        Func<long, HttpRequestMessage> request,
        CancellationToken cancellation)
    {
        // The first reads find cold code and cold caches.
        await new OpenLoop(Lanes).RunAsync(perSecond, _warmUp, AskAsync, cancellation);
        var features = await AskAsync(0, 0, cancellation);
        var before = await ReadHistogramAsync(http, route, cancellation);
        var load = await new OpenLoop(Lanes).RunAsync(perSecond, duration, AskAsync, cancellation);
        var after = await ReadHistogramAsync(http, route, cancellation);
        return new Measured(load, after.Since(before), features);

        async Task<int> AskAsync(int lane, long number, CancellationToken stopped)
        {
            using var asked = request(number);
            using var answer = await http.SendAsync(asked, stopped);
            var text = await answer.Content.ReadAsByteArrayAsync(stopped);
            if (!answer.IsSuccessStatusCode)
            {
                // An overloaded service refuses: that is a result too.
                Interlocked.Increment(ref _errors);
                return 0;
            }

            return text.AsSpan().Count("\"isDefault\":"u8);
        }
    }

    private async Task<DurationHistogram> ReadHistogramAsync(
        HttpClient http, string route, CancellationToken cancellation)
    {
        // The exporter gives the same answer for a while.
        await Task.Delay(_cache, cancellation);
        var text = await http.GetStringAsync(client.Address("feature-store", "/metrics"), cancellation);
        return DurationHistogram.Parse(text, route);
    }

    private sealed record Measured(LoadRun Load, DurationHistogram Server, int Features)
    {
        public double ServerMs(double share) =>
            Math.Round(Server.Quantile(share) * 1000, 2, MidpointRounding.AwayFromZero);
    }
}
