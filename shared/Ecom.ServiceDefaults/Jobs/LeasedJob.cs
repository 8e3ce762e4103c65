using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ecom.ServiceDefaults.Jobs;

/// <summary>
/// Work that one replica at a time looks for at an interval; when it fails or dies, it or another replica goes on.
/// </summary>
/// <param name="name">Name of the lease.</param>
/// <param name="interval">Time between looks.</param>
/// <param name="leases">The service's leases.</param>
/// <param name="logger">Where failures are told.</param>
public abstract partial class LeasedJob(string name, TimeSpan interval, Leases leases, ILogger logger)
    : BackgroundService
{
    private static readonly TimeSpan _leaseDuration = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Does what is due, resumable: it can be cancelled at any time and is called again at the next interval.
    /// </summary>
    protected abstract Task RunAsync(CancellationToken cancellation);

    /// <inheritdoc />
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval);
        do
        {
            try
            {
                await RunIfFreeAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                LogFailed(error, name);
            }
        }
        while (await WaitAsync(timer, stoppingToken));
    }

    private static async Task<bool> WaitAsync(PeriodicTimer timer, CancellationToken stopping)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stopping);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task RunIfFreeAsync(CancellationToken stopping)
    {
        await using var lease = await leases.TryAcquireAsync(name, _leaseDuration, stopping);
        if (lease is null)
        {
            return;
        }

        using var both = CancellationTokenSource.CreateLinkedTokenSource(stopping, lease.Lost);
        await RunAsync(both.Token);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Job {Job} failed and is tried again")]
    private partial void LogFailed(Exception error, string job);
}
