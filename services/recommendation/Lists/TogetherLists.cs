using System.Collections.Frozen;
using Ecom.Algorithms.Recommendation;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Jobs;

namespace Ecom.Recommendation.Lists;

/// <summary>What is bought together with each product, with the counts, in memory of each replica.</summary>
internal sealed class TogetherLists(BasketStore baskets, Catalogue catalogue, ILogger<TogetherLists> logger)
    : Follower("what is bought together", TimeSpan.FromSeconds(2), logger)
{
    private volatile FrozenDictionary<string, BoughtTogether[]> _lists =
        FrozenDictionary<string, BoughtTogether[]>.Empty;

    private long _newestBasket;

    /// <summary>Products bought together with a product, best first; empty if none are.</summary>
    public BoughtTogether[] Of(string productId) => _lists.GetValueOrDefault(productId, []);

    /// <summary>The product with an id.</summary>
    public Product ProductOf(string productId) => catalogue.Intern(productId);

    protected override async Task FollowAsync(CancellationToken cancellation)
    {
        if (await baskets.ReadTogetherAsync(_newestBasket, cancellation) is not { } newer)
        {
            return;
        }

        using var stream = new MemoryStream(newer.Model);
        _lists = ListsOf((CoPurchase)RecommenderFormat.Read(stream));
        _newestBasket = newer.NewestBasket;
    }

    private FrozenDictionary<string, BoughtTogether[]> ListsOf(CoPurchase counts) =>
        Enumerable.Range(0, counts.ItemIds.Count)
        .Select(item => (Id: counts.ItemIds[item], List: counts.PartnersOf(item)))
        .Where(product => product.List.Count > 0)
        .ToFrozenDictionary(
            product => product.Id,
            product => product.List.Select(partner => new BoughtTogether(
                catalogue.Intern(counts.ItemIds[partner.Item]),
                partner.Score,
                partner.Evidence.Together,
                partner.Evidence.WithItem)).ToArray(),
            StringComparer.Ordinal);
}

/// <summary>A product that is bought together with another.</summary>
/// <param name="Product">The product.</param>
/// <param name="Score">Comparable between the lists of all products.</param>
/// <param name="Together">Baskets with both.</param>
/// <param name="Of">Baskets with the other product.</param>
internal readonly record struct BoughtTogether(Product Product, float Score, int Together, int Of);
