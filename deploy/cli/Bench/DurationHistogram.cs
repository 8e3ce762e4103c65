using System.Globalization;

namespace Ecom.Cli.Bench;

/// <summary>Durations of a route's requests as the service itself measured them.</summary>
internal sealed class DurationHistogram
{
    private const string Bucket = "http_server_request_duration_seconds_bucket{";

    // Upper bounds in seconds, with the requests up to each.
    private readonly SortedDictionary<double, double> _upTo;

    private DurationHistogram(SortedDictionary<double, double> upTo) => _upTo = upTo;

    /// <param name="metrics">Prometheus text.</param>
    /// <param name="route">The route's template; methods and statuses are put together.</param>
    public static DurationHistogram Parse(string metrics, string route)
    {
        var upTo = new SortedDictionary<double, double>();
        foreach (var line in metrics.Split('\n')
            .Where(line => line.StartsWith(Bucket, StringComparison.Ordinal))
            .Where(line => line.Contains($"http_route=\"{route}\"", StringComparison.Ordinal)))
        {
            var bound = line.Split("le=\"")[1].Split('"')[0];
            var seconds = bound == "+Inf" ? double.PositiveInfinity : Number(bound);
            var count = Number(line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0]);
            upTo[seconds] = upTo.GetValueOrDefault(seconds) + count;
        }

        return new DurationHistogram(upTo);
    }

    /// <summary>The requests that came after an earlier reading.</summary>
    public DurationHistogram Since(DurationHistogram earlier) => new(new SortedDictionary<double, double>(
        _upTo.ToDictionary(pair => pair.Key, pair => pair.Value - earlier._upTo.GetValueOrDefault(pair.Key))));

    /// <summary>
    /// Seconds that a share of requests stayed within, interpolated inside its bucket; the last bound if beyond it.
    /// </summary>
    public double Quantile(double share)
    {
        var wanted = _upTo.Values.LastOrDefault() * share;
        var (bound, below) = (0.0, 0.0);
        foreach (var (upper, count) in _upTo)
        {
            if (count >= wanted && count > below)
            {
                return double.IsPositiveInfinity(upper)
                    ? bound
                    : bound + ((upper - bound) * (wanted - below) / (count - below));
            }

            (bound, below) = (upper, count);
        }

        return 0;
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
