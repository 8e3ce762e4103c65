using System.Diagnostics;
using Ecom.Recommendation.Lists;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Jobs;
using Ecom.ServiceDefaults.Storage;
using Microsoft.Extensions.Options;

namespace Ecom.Recommendation.Jobs;

/// <summary>
/// Makes a wanted generation: a list for every customer and every browser seen lately, similar products for every
/// product; then serves it. Progress is saved after each batch of visitors, so that it goes on where it stopped, on
/// this replica or another. What Redis lost is made anew at once, from the beginning.
/// </summary>
internal sealed partial class RefreshJob(
    GenerationStore generations,
    VisitorStore visitors,
    ListStore lists,
    ListMaker maker,
    RedisEpoch epochs,
    ArtefactCache artefacts,
    IOptions<RecommendationOptions> options,
    TimeProvider clock,
    Leases leases,
    ILogger<RefreshJob> logger)
    : LeasedJob("refresh", TimeSpan.FromSeconds(1), leases, logger)
{
    private const int BatchSize = 500;

    protected override async Task RunAsync(CancellationToken cancellation)
    {
        if (await ReadEpochAsync() is not { } epoch)
        {
            return;
        }

        await DropOldAsync(cancellation);
        if (await generations.ReadWantedAsync(cancellation) is { } wanted)
        {
            await MakeAsync(
                wanted.Epoch == epoch ? wanted : await generations.StartAsync(wanted, epoch, cancellation),
                cancellation);
        }
        else
        {
            await RequestIfNeededAsync(epoch, cancellation);
        }
    }

    private async Task MakeAsync(Generation wanted, CancellationToken cancellation)
    {
        using var span = Telemetry.Source.StartActivity("refresh lists");
        span?.SetTag("ecom.model.version", wanted.ModelVersion);
        var started = Stopwatch.GetTimestamp();
        ModelWithIds model;
        try
        {
            model = await ModelWithIds.LoadAsync(artefacts, wanted, cancellation);
        }
        catch (InvalidDataException damaged)
        {
            await generations.FailAsync(wanted.Number, damaged.Message, cancellation);
            LogFailed(wanted.ModelVersion, damaged.Message);
            return;
        }

        if (await WritePersonalListsAsync(wanted, model, cancellation) is not { } customers)
        {
            return;
        }

        await WriteSimilarListsAsync(wanted.Number, model, cancellation);
        if (!await generations.SaveProgressAsync(
                wanted.Number, string.Empty, customers, model.ProductIds.Count, cancellation)
            || await ReadEpochAsync() != wanted.Epoch
            || !await generations.SwitchAsync(wanted.Number, clock.GetUtcNow(), cancellation))
        {
            return;
        }

        var elapsed = Stopwatch.GetElapsedTime(started);
        Telemetry.RefreshDuration.Record(elapsed.TotalSeconds);
        LogRefreshed(wanted.Number, wanted.ModelVersion, customers, model.ProductIds.Count, elapsed);
    }

    private async Task<string?> ReadEpochAsync() =>
        await epochs.TryReadAsync() is { } epoch ? CompactList.InEpoch(epoch) : null;

    // Null when another version is wanted by now.
    private async Task<int?> WritePersonalListsAsync(
        Generation wanted, ModelWithIds model, CancellationToken cancellation)
    {
        var cursor = wanted.CustomerCursor;
        var written = wanted.Customers;
        while (true)
        {
            var seenSince = clock.GetUtcNow() - options.Value.SessionLifetime;
            var read = await visitors.ReadAfterAsync(cursor, seenSince, BatchSize, cancellation);
            if (read.Visitors.Count == 0)
            {
                return written;
            }

            await lists.WriteListsAsync(wanted.Number, read.Visitors.Select(history => new VisitorValue(
                history.Visitor, read.Ticket, maker.Make(history, read.Ticket, model))));

            // Also mends what Redis lost.
            await lists.WriteStatesAsync(read.Visitors.Select(history => Reactions.StateOf(history, read.Ticket)));
            cursor = read.Visitors[^1].Visitor;
            written += read.Visitors.Count(history => Visitor.IsCustomer(history.Visitor));
            if (!await generations.SaveProgressAsync(wanted.Number, cursor, written, 0, cancellation))
            {
                return null;
            }
        }
    }

    private async Task WriteSimilarListsAsync(long generation, ModelWithIds model, CancellationToken cancellation)
    {
        foreach (var chunk in Enumerable.Range(0, model.ProductIds.Count).Chunk(BatchSize))
        {
            cancellation.ThrowIfCancellationRequested();
            await lists.WriteSimilarAsync(generation, [.. chunk.Select(index => (
                model.ProductIds[index],
                CompactList.Encode(0, model.SimilarTo(index, options.Value.SimilarLength))))]);
        }
    }

    private async Task DropOldAsync(CancellationToken cancellation)
    {
        foreach (var dropped in await generations.DropOldAsync(cancellation))
        {
            await lists.DeleteAsync(dropped, cancellation);
        }
    }

    private async Task RequestIfNeededAsync(string epoch, CancellationToken cancellation)
    {
        if (await generations.ReadCurrentAsync(cancellation) is not { } current)
        {
            return;
        }

        var isLost = current.Epoch != epoch;
        if (isLost)
        {
            LogLost(current.Number);
        }

        if (isLost || clock.GetUtcNow() - current.SwitchedAt > options.Value.RefreshInterval)
        {
            await generations.RequestRefreshAsync(cancellation);
        }
    }

    [LoggerMessage(Level = LogLevel.Error,
        Message = "Redis was restarted or lost its data: the lists of generation {Generation} are made anew")]
    private partial void LogLost(long generation);

    [LoggerMessage(Level = LogLevel.Information,
        Message = "Generation {Generation}, model {Version}: {Customers} customers, {Products} products, {Elapsed}")]
    private partial void LogRefreshed(long generation, int version, int customers, int products, TimeSpan elapsed);

    [LoggerMessage(Level = LogLevel.Error, Message = "Lists of model {Version} not made, the old ones stay: {Reason}")]
    private partial void LogFailed(int version, string reason);
}
