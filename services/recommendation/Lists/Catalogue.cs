using System.Collections.Concurrent;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Jobs;

namespace Ecom.Recommendation.Lists;

/// <summary>All products in memory, followed several times a second: names for reasons, stock for what may be
/// shown.</summary>
internal sealed class Catalogue(CatalogueStore store, ILogger<Catalogue> logger)
    : Follower("the catalogue", TimeSpan.FromMilliseconds(300), logger)
{
    // A change may commit later than one that was stamped after it: look back further than a transaction lasts.
    private static readonly TimeSpan _overlap = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, Product> _products = new(StringComparer.Ordinal);
    private readonly Lock _adding = new();
    private readonly Dictionary<string, long> _versions = new(StringComparer.Ordinal);
    private volatile Product[] _shelf = [];
    private int _count;
    private DateTimeOffset _since = DateTimeOffset.UnixEpoch;

    /// <summary>Numbers of products are below it.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The products that the shop told of, by id; whether each may be shown now its facts say.</summary>
    public Product[] Shelf => _shelf;

    /// <summary>A product; null if neither the shop nor a model nor a list told of it.</summary>
    public Product? Find(string productId) => _products.GetValueOrDefault(productId);

    /// <summary>Whether a product may be shown.</summary>
    public bool CanBeSold(string productId) => Find(productId)?.Facts.CanBeSold ?? true;

    /// <summary>The product with an id, known from now on.</summary>
    public Product Intern(string productId)
    {
        if (_products.TryGetValue(productId, out var known))
        {
            return known;
        }

        lock (_adding)
        {
            if (!_products.TryGetValue(productId, out known))
            {
                known = new Product(productId, _count);
                Volatile.Write(ref _count, _count + 1);
                _products[productId] = known;
            }

            return known;
        }
    }

    protected override async Task FollowAsync(CancellationToken cancellation)
    {
        var (changed, now) = await store.ReadChangedAsync(_since, cancellation);
        var isNew = false;
        foreach (var master in changed)
        {
            // The look back finds most changes again.
            if (_versions.TryGetValue(master.ProductId, out var version) && version >= master.Version)
            {
                continue;
            }

            isNew |= !_versions.ContainsKey(master.ProductId);
            _versions[master.ProductId] = master.Version;
            Intern(master.ProductId).Facts = ProductFacts.Of(master);
        }

        if (isNew)
        {
            _shelf = [.. _versions.Keys.Order(StringComparer.Ordinal).Select(Intern)];
        }

        _since = now - _overlap;
    }
}
