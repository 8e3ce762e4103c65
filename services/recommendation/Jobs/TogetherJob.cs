using Ecom.Algorithms.Recommendation;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Jobs;
using Microsoft.Extensions.Options;

namespace Ecom.Recommendation.Jobs;

/// <summary>Counts which products are bought together, whenever there are new baskets.</summary>
internal sealed class TogetherJob(
    BasketStore baskets,
    IOptions<RecommendationOptions> options,
    Leases leases,
    ILogger<TogetherJob> logger)
    : LeasedJob("bought-together", options.Value.TogetherInterval, leases, logger)
{
    // Bound the memory and the time of a count. What a dealer buys by the hundred says nothing about what goes
    // together.
    private const int MostBaskets = 100_000;
    private const int LargestBasket = 200;

    protected override async Task RunAsync(CancellationToken cancellation)
    {
        var (newest, counted) = await baskets.ReadNewestAsync(cancellation);
        if (newest == counted)
        {
            return;
        }

        var read = await baskets.ReadBasketsAsync(
            options.Value.TogetherDays, LargestBasket, MostBaskets, cancellation);
        using var span = Telemetry.Source.StartActivity("count what is bought together");
        await baskets.WriteTogetherAsync(newest, Count(read, options.Value.SimilarLength, cancellation), cancellation);
        await baskets.PruneAsync(cancellation);
    }

    private static byte[] Count(IReadOnlyList<string[]> read, int length, CancellationToken cancellation)
    {
        var ids = new IdIndex();
        var (rows, items) = (new List<int>(), new List<int>());
        var count = 0;
        foreach (var products in read)
        {
            foreach (var product in products)
            {
                rows.Add(count);
                items.Add(ids.Add(product));
            }

            count++;
        }

        var model = CoPurchase.Fit(
            Interactions.Create(count, ids.Count, [.. rows], [.. items]),
            ids.Ids,
            new CoPurchaseOptions { Neighbours = length },
            cancellation);
        using var stream = new MemoryStream();
        model.Write(stream);
        return stream.ToArray();
    }
}
