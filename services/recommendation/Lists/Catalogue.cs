using System.Collections.Concurrent;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Jobs;

namespace Ecom.Recommendation.Lists;

/// <summary>All products in memory, followed every second: names for reasons, stock for what may be shown.</summary>
internal sealed class Catalogue(CatalogueStore store, ILogger<Catalogue> logger)
    : Follower("the catalogue", TimeSpan.FromSeconds(1), logger)
{
    // A change may commit later than one that was stamped after it: look back further than a transaction lasts.
    private static readonly TimeSpan _overlap = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, CatalogueProduct> _products = new();
    private DateTimeOffset _since = DateTimeOffset.UnixEpoch;

    /// <summary>A product; null if the shop never told of it.</summary>
    public CatalogueProduct? Find(string productId) => _products.GetValueOrDefault(productId);

    /// <summary>
    /// Whether it may be shown. A product that the catalogue does not know may: its stock is unknown, not zero.
    /// </summary>
    public bool CanBeSold(string productId) => Find(productId)?.CanBeSold ?? true;

    /// <summary>Products that may be shown, in no particular order.</summary>
    public IEnumerable<string> Sellable =>
        _products.Values.Where(product => product.CanBeSold).Select(product => product.ProductId);

    protected override async Task FollowAsync(CancellationToken cancellation)
    {
        var (changed, now) = await store.ReadChangedAsync(_since, cancellation);
        foreach (var product in changed)
        {
            _products[product.ProductId] = product;
        }

        _since = now - _overlap;
    }
}
