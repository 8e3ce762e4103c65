using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ecom.ServiceDefaults.Jobs;

/// <summary>
/// State that every replica holds in memory and reads from storage again and again: the last good one serves while
/// storage is away.
/// </summary>
/// <param name="what">What is followed, for the log: "the catalogue".</param>
/// <param name="interval">Time between reads; the first is at once.</param>
/// <param name="logger">Where a failed read is told.</param>
public abstract partial class Follower(string what, TimeSpan interval, ILogger logger) : BackgroundService
{
    /// <summary>Reads what is new and takes it over. What it throws is told, and it is called again.</summary>
    protected abstract Task FollowAsync(CancellationToken cancellation);

    /// <inheritdoc />
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval);
        do
        {
            try
            {
                await FollowAsync(stoppingToken);
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                // A time-out is a cancellation too, and must not end the service.
                LogStale(what, error.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cannot read {What}, the last known serves: {Reason}")]
    private partial void LogStale(string what, string reason);
}
