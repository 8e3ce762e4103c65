using Microsoft.Extensions.Options;
using OpenTelemetry;

namespace Ecom.Console.Live;

/// <summary>Looks at all sources at an interval and keeps the last look and the rates of the last minutes.</summary>
internal sealed partial class LiveFeed(
    IServiceScopeFactory scopes, IOptions<ConsoleOptions> options, TimeProvider clock, ILogger<LiveFeed> logger)
    : BackgroundService
{
    /// <summary>Samples kept: five minutes at the default interval.</summary>
    public const int HistoryLength = 150;

    private readonly Queue<RateSample> _history = new();
    private (DateTimeOffset At, IngestionTotals Totals)? _before;

    /// <summary>The last look.</summary>
    public LiveSnapshot Current { get; private set; } = LiveSnapshot.Empty;

    /// <summary>Raised after each look, on the feed's own thread.</summary>
    public event Action? Changed;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        using var timer = new PeriodicTimer(options.Value.PollInterval, clock);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
                await timer.WaitForNextTickAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                LogFailed(error);
                await Task.Delay(options.Value.PollInterval, clock, stoppingToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var sources = scope.ServiceProvider.GetRequiredService<LiveSources>();
        var services = sources.ReadServicesAsync(cancellation);
        var totals = sources.ReadTotalsAsync(cancellation);
        var recent = sources.ReadRecentAsync(cancellation);
        var rejects = sources.ReadRejectsAsync(cancellation);

        Remember(clock.GetUtcNow(), await totals);
        Current = new LiveSnapshot
        {
            TakenAt = clock.GetUtcNow(),
            Services = await services,
            Totals = await totals,
            Recent = await recent,
            Rejects = await rejects,
            History = [.. _history],
        };
        Changed?.Invoke();
    }

    private void Remember(DateTimeOffset now, IngestionTotals? totals)
    {
        var seconds = _before is { } before ? (now - before.At).TotalSeconds : 0;
        _history.Enqueue(new RateSample
        {
            At = now,
            EventsIn = Rate(totals?.Accepted, _before?.Totals.Accepted, seconds),
            MessagesOut = Rate(totals?.Published, _before?.Totals.Published, seconds),
        });
        while (_history.Count > HistoryLength)
        {
            _history.Dequeue();
        }

        _before = totals is null ? null : (now, totals);
    }

    // A counter that went back belongs to a process that was started again.
    private static double? Rate(long? now, long? before, double seconds) =>
        now is null || before is null || now < before || seconds <= 0 ? null : (now - before) / seconds;

    [LoggerMessage(Level = LogLevel.Error, Message = "The live view could not be refreshed")]
    private partial void LogFailed(Exception error);
}
