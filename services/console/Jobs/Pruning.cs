using Ecom.Console.Storage;
using Microsoft.Extensions.Options;
using OpenTelemetry;

namespace Ecom.Console.Jobs;

/// <summary>Drops telemetry older than the retention, at start and every hour. Two replicas may both do it.</summary>
internal sealed partial class Pruning(
    SpanStore store, IOptions<ConsoleOptions> options, TimeProvider clock, ILogger<Pruning> logger) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromHours(1);

    /// <summary>The first UTC day that is kept: with 3 days of retention, today and three days before.</summary>
    public static DateOnly OldestKept(TimeProvider clock, ConsoleOptions options) =>
        DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime).AddDays(-options.RetentionDays);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var days = await store.PruneAsync(OldestKept(clock, options.Value), stoppingToken);
                LogPruned(days);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                LogFailed(error);
            }

            await Task.Delay(_interval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Days} days of spans dropped")]
    private partial void LogPruned(int days);

    [LoggerMessage(Level = LogLevel.Error, Message = "Old telemetry could not be dropped; tried again in an hour")]
    private partial void LogFailed(Exception error);
}
