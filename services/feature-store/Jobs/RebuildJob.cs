using Ecom.FeatureStore.Storage;
using Ecom.Features;
using Ecom.Features.Online;
using Ecom.ServiceDefaults.Jobs;
using Microsoft.Extensions.Options;

namespace Ecom.FeatureStore.Jobs;

/// <summary>
/// Fills a building generation from history and makes it the active one; deletes the keys of the one before.
/// </summary>
/// <remarks>
/// Live messages are written to both generations meanwhile. History carries the message ids, so what comes both ways
/// counts once, and a rebuild that died begins again without harm.
/// </remarks>
internal sealed partial class RebuildJob(
    Generations generations,
    OnlineFeatures online,
    EventHistory history,
    IOptions<FeatureStoreOptions> options,
    Leases leases,
    ILogger<RebuildJob> logger) : LeasedJob("rebuild", TimeSpan.FromSeconds(2), leases, logger)
{
    private const int MessagesAtOnce = 64;

    protected override async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var generation in await generations.ListAsync(cancellation))
        {
            if (generation.AgeSeconds < options.Value.RebuildDelay.TotalSeconds)
            {
                continue;
            }

            if (generation.State == "building")
            {
                await FillAsync(generation.Number, cancellation);
            }
            else if (generation.State == "retired")
            {
                await online.DropAsync(generation.Number, cancellation);
                await generations.MarkDroppedAsync(generation.Number, cancellation);
            }
        }
    }

    private async Task FillAsync(int number, CancellationToken cancellation)
    {
        await history.AwaitWritersAsync(cancellation);
        var store = online.InGeneration(number);
        var deltas = new List<EntityDelta>();
        var messages = 0;
        await foreach (var message in history.MessagesAsync(cancellation))
        {
            deltas.AddRange(online.Set.Fold(message.MessageId, message.Events));
            if (++messages % MessagesAtOnce == 0)
            {
                await FlushAsync(store, deltas, cancellation);
            }
        }

        await FlushAsync(store, deltas, cancellation);
        await generations.ActivateAsync(number, cancellation);
        LogBuilt(number, messages);
    }

    private static async Task FlushAsync(
        RedisFeatureStore store, List<EntityDelta> deltas, CancellationToken cancellation)
    {
        await store.ApplyAsync(deltas, cancellation);
        deltas.Clear();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Generation {Generation} is built from {Messages} messages")]
    private partial void LogBuilt(int generation, int messages);
}
