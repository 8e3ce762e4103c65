using System.Diagnostics;

namespace Ecom.Cli.Bench;

/// <summary>Sends requests at intended times, whether or not earlier ones have been answered.</summary>
/// <remarks>
/// Latency counts from the intended time, so a system that falls behind cannot hide it: a request that had to wait for
/// a free lane, or was never sent, carries its waiting. Who is late at the end may still begin for two seconds: a pause
/// of the machine in the last moment says nothing about the system. At a rate of 0 the loop is closed: each lane sends
/// as soon as it has its answer.
/// </remarks>
/// <param name="lanes">Most requests in flight.</param>
internal sealed class OpenLoop(int lanes)
{
    private static readonly TimeSpan _shortestSleep = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan _lateness = TimeSpan.FromSeconds(2);

    /// <param name="perSecond">Requests a second; 0 as fast as answers come.</param>
    /// <param name="duration">How long requests are due.</param>
    /// <param name="request">
    /// Sends one and waits for its answer; is given the lane (one request at a time in each) and its number.
    /// </param>
    /// <param name="cancellation">Stops the run.</param>
    public async Task<LoadRun> RunAsync(
        double perSecond,
        TimeSpan duration,
        Func<int, long, CancellationToken, Task> request,
        CancellationToken cancellation)
    {
        var end = perSecond > 0 ? duration + _lateness : duration;
        var watch = Stopwatch.StartNew();
        var next = -1L;
        var latencies = await Task.WhenAll(Enumerable.Range(0, lanes).Select(lane => Task.Run(
            async () =>
            {
                var own = new List<double>();
                while (watch.Elapsed < end)
                {
                    var number = Interlocked.Increment(ref next);
                    var intended = perSecond > 0 ? TimeSpan.FromSeconds(number / perSecond) : watch.Elapsed;
                    if (intended >= duration)
                    {
                        break;
                    }

                    if (intended - watch.Elapsed is var early && early > _shortestSleep)
                    {
                        await Task.Delay(early, cancellation);
                    }

                    await request(lane, number, cancellation);
                    own.Add((watch.Elapsed - intended).TotalMilliseconds);
                }

                return own;
            },
            cancellation)));

        var sent = latencies.Sum(own => own.Count);
        var offered = perSecond > 0 ? (long)Math.Ceiling(duration.TotalSeconds * perSecond) : sent;
        var unsent = Enumerable.Range(0, (int)Math.Max(0, offered - sent))
            .Select(index => (watch.Elapsed.TotalSeconds - ((sent + index) / perSecond)) * 1000);
        return new LoadRun
        {
            Sent = sent,
            Unsent = Math.Max(0, offered - sent),
            Seconds = watch.Elapsed.TotalSeconds,
            LatenciesMs = new Latencies(latencies.SelectMany(own => own).Concat(unsent)),
        };
    }
}

/// <summary>What a load run came to.</summary>
internal sealed record LoadRun
{
    public required long Sent { get; init; }

    /// <summary>Requests that were due and never begun, since all lanes were busy.</summary>
    public required long Unsent { get; init; }

    /// <summary>From the first intended time to the last answer.</summary>
    public required double Seconds { get; init; }

    /// <summary>From intended time to answer; for what was never sent, at least its wait.</summary>
    public required Latencies LatenciesMs { get; init; }

    /// <summary>Null if the system kept up with the rate; else a sentence for the user.</summary>
    public string? FellBehind => Unsent == 0
        ? null
        : $"The system did not keep up: {Unsent:N0} of {Sent + Unsent:N0} requests were never sent, all lanes busy.";
}

/// <summary>A sample of latencies, in milliseconds.</summary>
internal sealed class Latencies(IEnumerable<double> sample)
{
    private readonly double[] _sorted = [.. sample.Order()];

    public int Count => _sorted.Length;

    public double Max => _sorted.Length == 0 ? 0 : Math.Round(_sorted[^1], 2);

    /// <param name="share">For example 0.99.</param>
    public double At(double share) => _sorted.Length == 0
        ? 0
        : Math.Round(_sorted[Math.Min(_sorted.Length - 1, (int)(_sorted.Length * share))], 2);
}
