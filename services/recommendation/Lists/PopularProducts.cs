using Ecom.Algorithms.Recommendation;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Jobs;
using Microsoft.Extensions.Options;

namespace Ecom.Recommendation.Lists;

/// <summary>Marks the few products that most people want, counted anew each minute: what diversity makes room
/// beside.</summary>
internal sealed class PopularProducts(
    PopularityStore popularity,
    Catalogue catalogue,
    IOptions<RecommendationOptions> options,
    ILogger<PopularProducts> logger)
    : Follower("which products are popular", TimeSpan.FromMinutes(1), logger)
{
    private const int MostProducts = 1_000_000;

    protected override async Task FollowAsync(CancellationToken cancellation)
    {
        var wanted = await popularity.ReadPopularAsync(options.Value.PopularDays, MostProducts, cancellation);
        var isPopular = Diversity.PopularOf([.. wanted.Select(item => item.Score)]);
        foreach (var (at, item) in wanted.Index())
        {
            catalogue.Intern(item.ProductId).IsPopular = isPopular[at];
        }
    }
}
