using Microsoft.Extensions.Hosting;

namespace Ecom.ServiceDefaults.Jobs;

/// <summary>
/// Gives memory back after a load. The collector runs when something is allocated, so a service that falls idle would
/// keep for hours what its busiest minute needed; eight of them share a small machine.
/// </summary>
/// <remarks>
/// One compacting collection in the first quiet interval after much was allocated: tens of milliseconds, when nothing
/// waits for them.
/// </remarks>
internal sealed class IdleMemory : BackgroundService
{
    private const long QuietBytes = 8 * 1024 * 1024;
    private const long MuchBytes = 64 * 1024 * 1024;
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(10);

    private long _allocated;
    private long _collectedAt;

    /// <summary>Whether it is time to collect, told of all that the process has allocated so far.</summary>
    public bool IsDue(long allocated)
    {
        var isQuiet = allocated - _allocated < QuietBytes;
        _allocated = allocated;
        if (!isQuiet || allocated - _collectedAt < MuchBytes)
        {
            return false;
        }

        _collectedAt = allocated;
        return true;
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_interval);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (IsDue(GC.GetTotalAllocatedBytes()))
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            }
        }
    }
}
