using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Ecom.Recommendation.Lists;
using Ecom.Recommendation.Storage;
using Microsoft.Extensions.Options;

namespace Ecom.Recommendation.Jobs;

/// <summary>
/// Makes the lists of visitors who did something anew, from their whole history and the served model, without training.
/// </summary>
/// <remarks>
/// A visitor who waits is made once, however much happened. Replicas may make the same list at once: the one that has
/// seen more stays. Bounded: beyond a number of waiting visitors, and beyond a third of a processor while many wait,
/// lists come later, at the latest when the visitor asks or with the next generation. What was bought, hidden or put
/// into the cart is written by <see cref="ApplyAsync"/>, before the message is acknowledged.
/// </remarks>
internal sealed partial class Reactions(
    VisitorStore visitors,
    ListStore lists,
    ListMaker maker,
    CurrentModel current,
    IOptions<RecommendationOptions> options,
    TimeProvider clock,
    ILogger<Reactions> logger) : BackgroundService
{
    private const int AtOnce = 128;
    private const int Crowd = 2 * AtOnce;
    private const int MostWaiting = 50_000;
    private static readonly TimeSpan _afterFailure = TimeSpan.FromSeconds(1);

    // A visitor without any history is asked for again after this.
    private static readonly TimeSpan _strangerLifetime = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, long> _waiting = new(StringComparer.Ordinal);
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Wants the lists of visitors made anew, soon; returns at once.</summary>
    public void Touch(IEnumerable<string> touched)
    {
        var now = Stopwatch.GetTimestamp();
        foreach (var visitor in touched)
        {
            if (_waiting.Count >= MostWaiting)
            {
                Telemetry.ReactionsDropped.Add(1);
                continue;
            }

            _waiting.TryAdd(visitor, now);
        }

        _wake.Writer.TryWrite(true);
    }

    /// <summary>Writes what visitors bought, hid and carry, and wants their lists made anew.</summary>
    public async Task ApplyAsync(IReadOnlyCollection<string> touched, CancellationToken cancellation)
    {
        await WriteStatesAsync(touched, cancellation);
        Touch(touched);
    }

    /// <summary>
    /// Writes what visitors bought, hid and carry, and their segments; lists are made anew when they ask.
    /// </summary>
    public async Task WriteStatesAsync(IReadOnlyCollection<string> touched, CancellationToken cancellation)
    {
        if (touched.Count > 0)
        {
            var read = await visitors.ReadAsync(touched, SeenSince, cancellation);
            await lists.WriteStatesAsync(read.Visitors.Select(history => StateOf(history, read.Ticket)));
        }
    }

    /// <summary>What a visitor bought, hid and carries, and the segment, as it is stored.</summary>
    public static VisitorValue StateOf(VisitorHistory history, long ticket) => new(
        history.Visitor,
        ticket,
        VisitorState.Encode(ticket, history.Bought, history.Hidden, history.Carried, history.Segment));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var _ in _wake.Reader.ReadAllAsync(stoppingToken))
        {
            while (TakeSome() is { Count: > 0 } taken)
            {
                var started = Stopwatch.GetTimestamp();
                try
                {
                    await MakeAsync(taken, stoppingToken);
                }
                catch (Exception error) when (!stoppingToken.IsCancellationRequested)
                {
                    // They wait again, with all the others that come meanwhile.
                    LogFailed(taken.Count, error.Message);
                    Touch(taken.Keys);
                    await Task.Delay(_afterFailure, stoppingToken);
                }

                if (_waiting.Count > Crowd)
                {
                    await Task.Delay(2 * Stopwatch.GetElapsedTime(started), stoppingToken);
                }
            }
        }
    }

    private DateTimeOffset SeenSince => clock.GetUtcNow() - options.Value.SessionLifetime;

    private Dictionary<string, long> TakeSome()
    {
        var taken = new Dictionary<string, long>(AtOnce, StringComparer.Ordinal);
        foreach (var (visitor, _) in _waiting)
        {
            if (_waiting.TryRemove(visitor, out var since))
            {
                taken[visitor] = since;
            }

            if (taken.Count == AtOnce)
            {
                break;
            }
        }

        return taken;
    }

    private async Task MakeAsync(Dictionary<string, long> taken, CancellationToken cancellation)
    {
        using var span = Telemetry.Source.StartActivity("react to visitors");
        var read = await visitors.ReadAsync(taken.Keys, SeenSince, cancellation);
        var known = read.Visitors.Select(history => history.Visitor).ToHashSet(StringComparer.Ordinal);
        var states = read.Visitors.Select(history => StateOf(history, read.Ticket));
        var strangers = taken.Keys.Where(visitor => !known.Contains(visitor)).Select(visitor => new VisitorValue(
            visitor, read.Ticket, VisitorState.Encode(read.Ticket, [], [], []), _strangerLifetime));
        await lists.WriteStatesAsync(states.Concat(strangers));
        if (current.Served is { } served)
        {
            await lists.WriteListsAsync(served.Generation.Number, read.Visitors.Select(history => new VisitorValue(
                history.Visitor, read.Ticket, maker.Make(history, read.Ticket, served.Model))));
        }

        foreach (var since in taken.Values)
        {
            Telemetry.ReactionDuration.Record(Stopwatch.GetElapsedTime(since).TotalSeconds);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Lists of {Count} visitors are made later: {Reason}")]
    private partial void LogFailed(int count, string reason);
}
