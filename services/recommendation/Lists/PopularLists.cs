using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Jobs;

namespace Ecom.Recommendation.Lists;

/// <summary>What everybody can be shown, in memory: the last known lists serve while Redis is away.</summary>
internal sealed class PopularLists(ListStore lists, Catalogue catalogue, ILogger<PopularLists> logger)
    : Follower("popular products", TimeSpan.FromSeconds(1), logger)
{
    /// <summary>Products that most people want, best first.</summary>
    public RankedProduct[] Popular { get; private set; } = [];

    /// <summary>Products that are wanted more than usual, best first.</summary>
    public RankedProduct[] Trending { get; private set; } = [];

    protected override async Task FollowAsync(CancellationToken cancellation)
    {
        var (popular, trending) = await lists.ReadPopularAsync();
        TakeOver(popular, trending);
    }

    /// <summary>Serves lists from now on; an empty one is a lost one, then the last known ones stay.</summary>
    public void TakeOver(IReadOnlyList<ListItem> popular, IReadOnlyList<ListItem> trending)
    {
        if (popular.Count > 0)
        {
            (Popular, Trending) = (Ranked(popular), Ranked(trending));
        }
    }

    private RankedProduct[] Ranked(IReadOnlyList<ListItem> items) =>
        [.. items.Select(item => new RankedProduct(catalogue.Intern(item.ProductId), item.Score))];
}

/// <summary>A product with the weight that it is ranked by.</summary>
internal readonly record struct RankedProduct(Product Product, float Score);
