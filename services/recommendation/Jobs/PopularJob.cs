using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Jobs;
using Microsoft.Extensions.Options;

namespace Ecom.Recommendation.Jobs;

/// <summary>
/// Counts popular and trending products anew and puts the lists into Redis: what everybody can always be shown. Takes
/// out days too old to count.
/// </summary>
internal sealed class PopularJob(
    PopularityStore popularity,
    ListStore lists,
    IOptions<RecommendationOptions> options,
    Leases leases,
    ILogger<PopularJob> logger)
    : LeasedJob("popular", options.Value.PopularInterval, leases, logger)
{
    protected override async Task RunAsync(CancellationToken cancellation)
    {
        var length = options.Value.ListLength * 2;
        var popular = await popularity.ReadPopularAsync(options.Value.PopularDays, length, cancellation);
        var trending = await popularity.ReadTrendingAsync(length, cancellation);
        await lists.WritePopularAsync(popular, trending);
        await popularity.PruneAsync(cancellation);
    }
}
