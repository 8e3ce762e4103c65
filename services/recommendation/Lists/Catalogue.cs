using System.Collections.Concurrent;
using Ecom.Recommendation.Storage;

namespace Ecom.Recommendation.Lists;

/// <summary>All products in memory, followed every second: names for reasons, stock for what may be shown.</summary>
internal sealed partial class Catalogue(CatalogueStore store, ILogger<Catalogue> logger) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);

    // A change may commit later than one that was stamped after it: look back further than a transaction lasts.
    private static readonly TimeSpan _overlap = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, CatalogueProduct> _products = new();

    /// <summary>A product; null if the shop never told of it.</summary>
    public CatalogueProduct? Find(string productId) => _products.GetValueOrDefault(productId);

    /// <summary>
    /// Whether it may be shown. A product that the catalogue does not know may: its stock is unknown, not zero.
    /// </summary>
    public bool CanBeSold(string productId) => Find(productId)?.CanBeSold ?? true;

    /// <summary>Products that may be shown, in no particular order.</summary>
    public IEnumerable<string> Sellable =>
        _products.Values.Where(product => product.CanBeSold).Select(product => product.ProductId);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var since = DateTimeOffset.UnixEpoch;
        using var timer = new PeriodicTimer(_interval);
        do
        {
            try
            {
                var (changed, now) = await store.ReadChangedAsync(since, stoppingToken);
                foreach (var product in changed)
                {
                    _products[product.ProductId] = product;
                }

                since = now - _overlap;
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogStale(error.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Catalogue cannot be read, the last known one serves: {Reason}")]
    private partial void LogStale(string reason);
}
