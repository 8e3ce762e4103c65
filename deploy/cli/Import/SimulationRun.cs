using System.Diagnostics;
using Ecom.Cli.Infrastructure;
using Ecom.Simulator;

namespace Ecom.Cli.Import;

/// <summary>Sends what the simulator makes: a history, the last days on top of a shop, or a live stream.</summary>
internal sealed class SimulationRun(IngestionGateway gateway, TimeProvider time, string stateFolder)
{
    // What a simulated visit comes to, strangers included; sizes the stream.
    private const int EventsPerVisit = 14;
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _chunk = TimeSpan.FromMinutes(10);
    private readonly ShopSender _sender = new(gateway);

    /// <summary>A whole history until yesterday: on the same day the same options give only duplicates.</summary>
    /// <param name="options">Size and seed of the shop.</param>
    /// <param name="rate">Events a second at most; 0 = as fast as ingestion takes them.</param>
    /// <param name="progress">Told the stage, events sent and events in all.</param>
    /// <param name="cancellation">Stops after the batches that are under way.</param>
    public async Task<ImportReport> LoadHistoryAsync(
        ShopOptions options, double rate, Action<string, int, int> progress, CancellationToken cancellation)
    {
        progress("Inventing", 0, 0);
        var end = new DateTimeOffset(time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
        var shop = ShopSimulator.Generate(options, end);
        var report = await SendAsync("simulated history", shop, rate, progress, cancellation);
        SavedShop.Save(stateFolder, shop.AsImportedShop());
        return report;
    }

    /// <summary>Stock, visits, payments and criminals of the last days, on top of the shop loaded last.</summary>
    public async Task<ImportReport> RunOnTopAsync(
        OnTopOptions options, double rate, Action<string, int, int> progress, CancellationToken cancellation)
    {
        progress("Inventing", 0, 0);
        var live = ShopSimulator.OnTop(LoadedShop(), options, time.GetUtcNow());
        return await SendAsync("simulated on top", live, rate, progress, cancellation);
    }

    /// <summary>Visits, payments and now and then a ring, as they happen, for a while.</summary>
    public async Task<ImportReport> StreamAsync(
        int seed, double rate, TimeSpan duration, Action<string, int, int> progress, CancellationToken cancellation)
    {
        var shop = LoadedShop();
        var watch = Stopwatch.StartNew();
        var tally = new Tally();
        var all = (int)(rate * duration.TotalSeconds);
        for (var chunk = 0; tally.Events < all; chunk++)
        {
            var seconds = Math.Min((duration - watch.Elapsed).TotalSeconds, _chunk.TotalSeconds);
            var options = new OnTopOptions
            {
                Seed = seed + chunk,
                Days = 1,
                VisitsPerDay = Math.Max(20, (int)(rate * seconds / EventsPerVisit)),
            };
            var events = ShopSimulator.OnTop(shop, options, time.GetUtcNow()).Events;
            await PaceAsync(
                [.. events.Take(all - tally.Events)],
                e => e.MovedTo(time.GetUtcNow()).Json,
                rate,
                part =>
                {
                    tally.Add(part);
                    progress("Live", tally.Events, all);
                },
                cancellation);
        }

        return Report("simulated live", new Tally(), tally, watch.Elapsed);
    }

    private ImportedShop LoadedShop() =>
        SavedShop.Load(stateFolder) ?? throw new SetupException(
            "No shop has been loaded here yet. Run ./ecom simulate or ./ecom import first.");

    private async Task<ImportReport> SendAsync(
        string source, ShopHistory shop, double rate, Action<string, int, int> progress,
        CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        progress("Catalogue", 0, shop.Events.Count);
        var products = await _sender.SendProductsAsync(shop.Catalogue, cancellation);
        var tally = new Tally();
        if (rate > 0)
        {
            await PaceAsync(shop.Events, e => e.Json, rate, Finished, cancellation);
        }
        else
        {
            var events = shop.Events.Select(e => new PreparedEvent(e.Json, Lines: 0)).ToArray();
            await _sender.SendEventsAsync(
                events, new HashSet<int>(), (_, part) => Finished(part), cancellation);
        }

        return Report(source, products, tally, watch.Elapsed);

        void Finished(Tally part)
        {
            tally.Add(part);
            progress("Events", tally.Events, shop.Events.Count);
        }
    }

    // What is due since the last tick goes in one batch; a slow server is not overrun, it only falls behind.
    private async Task PaceAsync(IReadOnlyList<ShopEvent> events, Func<ShopEvent, ReadOnlyMemory<byte>> write,
        double rate, Action<Tally> finished, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(_tick, time);
        var begun = time.GetTimestamp();
        var sent = 0;
        while (sent < events.Count && await timer.WaitForNextTickAsync(cancellation))
        {
            var due = (int)Math.Min(events.Count, time.GetElapsedTime(begun).TotalSeconds * rate);
            while (sent < due)
            {
                var size = Math.Min(due - sent, EventBatches.MostEvents);
                var batch = events.Skip(sent).Take(size).Select(write).ToArray();
                var tally = new Tally();
                foreach (var verdict in await gateway.SendEventsAsync(batch, cancellation))
                {
                    tally.Count(verdict, lines: 0);
                }

                sent += batch.Length;
                finished(tally);
            }
        }
    }

    private static ImportReport Report(string source, Tally products, Tally events, TimeSpan elapsed) =>
        new()
        {
            Source = source,
            Lines = 0,
            DuplicateLinesInFile = 0,
            Products = products.AcceptedEvents,
            RejectedProducts = products.RejectedEvents,
            Tally = events,
            Seconds = elapsed.TotalSeconds,
        };
}
