using System.Diagnostics;
using Ecom.ServiceDefaults.Jobs;
using Ecom.ServiceDefaults.Storage;
using Microsoft.Extensions.Logging;

namespace Ecom.ServiceDefaults.Online;

/// <summary>
/// Fills a building generation and makes it the active one; deletes the keys of the one before.
/// </summary>
/// <remarks>
/// Live messages are written to both generations meanwhile. What is filled carries the message ids of the live ones, so
/// what comes both ways counts once, and a rebuild that died, or whose data Redis lost, begins again without harm.
/// </remarks>
/// <param name="generations">The generations.</param>
/// <param name="epochs">Tells whether Redis still has what was filled.</param>
/// <param name="leases">The service's leases.</param>
/// <param name="logger">Where progress is told.</param>
public abstract partial class RebuildJob(
    Generations generations, RedisEpoch epochs, Leases leases, ILogger logger)
    : LeasedJob("rebuild", TimeSpan.FromSeconds(1), leases, logger)
{
    /// <summary>
    /// How long a generation is written, or no longer read, before it is filled, or deleted: every replica has noticed.
    /// </summary>
    public static readonly TimeSpan Delay = TimeSpan.FromSeconds(4);

    private readonly ILogger _logger = logger;

    /// <summary>Waits for every writer that may not know the generation, then puts in all that was recorded.</summary>
    /// <param name="building">The generation.</param>
    /// <param name="progress">Notes how far it is; stop when it answers false.</param>
    /// <param name="cancellation">Ends it; it is called again.</param>
    /// <returns>What was put in; null if it could not be filled to the end.</returns>
    protected abstract Task<long?> FillAsync(
        Generation building, Func<long, long?, Task<bool>> progress, CancellationToken cancellation);

    /// <summary>Compares entities of two generations while nobody writes.</summary>
    /// <returns>How many were compared, and how many differed.</returns>
    protected abstract Task<(int Compared, int Differing)> CompareAsync(
        int active, int building, int limit, CancellationToken cancellation);

    /// <summary>Deletes every key of a generation.</summary>
    protected abstract Task DropAsync(int generation, CancellationToken cancellation);

    /// <inheritdoc />
    protected sealed override async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var generation in await generations.ListAsync(cancellation))
        {
            if (generation.AgeSeconds < Delay.TotalSeconds)
            {
                continue;
            }

            if (generation.State == "building")
            {
                await BuildAsync(generation, cancellation);
            }
            else if (generation.State == "retired")
            {
                await DropAsync(generation.Number, cancellation);
                await generations.MarkDroppedAsync(generation.Number, cancellation);
            }
        }
    }

    private async Task BuildAsync(Generation building, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        var noted = Stopwatch.GetTimestamp();
        var filled = await FillAsync(building, ProgressAsync, cancellation);
        if (filled is not { } done || !await generations.AdvanceAsync(building, done, done, cancellation))
        {
            return;
        }

        if (building.Verify > 0 && generations.Active is { IsLost: false } active)
        {
            var (compared, differing) = await CompareAsync(
                active.Number, building.Number, building.Verify, cancellation);
            await generations.NoteComparisonAsync(building.Number, compared, differing, cancellation);
        }

        // A loss since the first write to it: the watch notes the new epoch, and it is filled again.
        if (await epochs.ReadAsync() == building.Epoch && await generations.ActivateAsync(building, cancellation))
        {
            LogBuilt(_logger, building.Number, done, Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        async Task<bool> ProgressAsync(long done, long? expected)
        {
            if (Stopwatch.GetElapsedTime(noted) < TimeSpan.FromSeconds(0.5))
            {
                return true;
            }

            noted = Stopwatch.GetTimestamp();
            return await generations.AdvanceAsync(building, done, expected, cancellation);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Information, Message = "Generation {Generation} is built from {Count} records in {Seconds} s")]
    private static partial void LogBuilt(ILogger logger, int generation, long count, double seconds);
}
