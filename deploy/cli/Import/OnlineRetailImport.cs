using System.Diagnostics;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Import;

/// <summary>Imports an Online Retail file through the public API; interrupted, it goes on where it was.</summary>
internal sealed class OnlineRetailImport(IngestionGateway gateway, TimeProvider time, string stateFolder)
{
    /// <param name="path">The file, plain or gzipped.</param>
    /// <param name="address">Where the gateway sends to: an interrupted import is continued only there.</param>
    /// <param name="keepDates">Whether dates stay as they are.</param>
    /// <param name="progress">Told the stage, events sent and events in all, after each batch.</param>
    /// <param name="cancellation">Stops after the batches that are under way.</param>
    /// <exception cref="SetupException">The file is not in the format, or ingestion refuses.</exception>
    public async Task<ImportReport> RunAsync(
        string path, Uri address, bool keepDates, Action<string, int, int> progress, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        progress("Reading", 0, 0);
        var lines = OnlineRetailFile.Read(path);
        var last = new DateTimeOffset(lines.Max(line => line.InvoiceDate));
        var state = ImportState.Open(stateFolder, path, new ImportState
        {
            Address = address.ToString(),
            Shift = keepDates ? TimeSpan.Zero : WeekShift.ToPresent(last, time.GetUtcNow()),
        });
        var resumed = state.Batches.Count;
        var shop = OnlineRetailMapping.Prepare(lines, state.Shift);
        var sender = new ShopSender(gateway);

        progress("Catalogue", 0, shop.Events.Count);
        if (state.Products is null)
        {
            state.Products = await sender.SendProductsAsync(shop.Products, cancellation);
            state.Save();
        }

        var sent = state.Batches.Values.Sum(batch => batch.Events);
        await sender.SendEventsAsync(shop.Events, state.Batches.Keys.ToHashSet(), (batch, tally) =>
        {
            state.Batches[batch] = tally;
            state.Save();
            sent += tally.Events;
            progress("Events", sent, shop.Events.Count);
        }, cancellation);

        var total = new Tally();
        foreach (var batch in state.Batches.Values)
        {
            total.Add(batch);
        }

        state.Complete();
        SavedShop.Save(stateFolder, shop.Shop);
        return new ImportReport
        {
            Source = Path.GetFileName(path),
            Lines = shop.Lines,
            DuplicateLinesInFile = shop.DuplicateLines,
            Products = state.Products.AcceptedEvents,
            RejectedProducts = state.Products.RejectedEvents,
            Tally = total,
            ShiftDays = state.Shift.TotalDays,
            ResumedBatches = resumed,
            Seconds = watch.Elapsed.TotalSeconds,
        };
    }
}
