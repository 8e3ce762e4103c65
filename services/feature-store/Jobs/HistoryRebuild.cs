using Ecom.FeatureStore.Storage;
using Ecom.Features.Online;
using Ecom.ServiceDefaults.Jobs;
using Ecom.ServiceDefaults.Online;
using Ecom.ServiceDefaults.Storage;

namespace Ecom.FeatureStore.Jobs;

/// <summary>Fills a building generation from history; history that is itself being filled is waited for.</summary>
internal sealed partial class HistoryRebuild(
    Generations generations,
    RedisEpoch epochs,
    OnlineFeatures online,
    EventHistory history,
    GenerationWriter writer,
    LogFills fills,
    Leases leases,
    ILogger<HistoryRebuild> logger) : RebuildJob(generations, epochs, leases, logger)
{
    private const int MessagesAtOnce = 64;

    protected override async Task<long?> FillAsync(
        Generation building, Func<long, long?, Task<bool>> progress, CancellationToken cancellation)
    {
        var before = await fills.FindNewestAsync(cancellation);
        if (before is { Done: false })
        {
            return null;
        }

        await history.AwaitWritersAsync(cancellation);
        var expected = await history.CountAsync(cancellation);
        var store = online.InGeneration(building.Number);
        var done = 0L;
        await foreach (var messages in history.MessagesAsync(cancellation).Chunk(MessagesAtOnce))
        {
            await writer.FillAsync(store, messages, cancellation);
            done += messages.Sum(message => message.Events.Count);
            if (!await progress(done, expected))
            {
                return null;
            }
        }

        // What a fill of history added meanwhile may lie behind what was read here.
        return (await fills.FindNewestAsync(cancellation))?.Fill == before?.Fill ? done : null;
    }

    protected override async Task<(int Compared, int Differing)> CompareAsync(
        int active, int building, int limit, CancellationToken cancellation)
    {
        var (compared, differing) = await writer.CompareAsync(active, building, limit, cancellation);
        foreach (var entity in differing.Take(10))
        {
            LogDiffers(building, entity.Kind.ToString(), active);
        }

        return (compared, differing.Count);
    }

    protected override Task DropAsync(int generation, CancellationToken cancellation) =>
        online.DropAsync(generation, cancellation);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Generation {Building}: the state of a {Kind} differs from that in generation {Active}")]
    private partial void LogDiffers(int building, string kind, int active);
}
