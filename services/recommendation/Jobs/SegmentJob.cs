using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Jobs;
using Microsoft.Extensions.Options;

namespace Ecom.Recommendation.Jobs;

/// <summary>Counts anew what is popular in each segment and puts the lists into Redis.</summary>
internal sealed class SegmentJob(
    SegmentStore segments,
    ListStore lists,
    IOptions<RecommendationOptions> options,
    Leases leases,
    ILogger<SegmentJob> logger)
    : LeasedJob("segments", options.Value.SegmentInterval, leases, logger)
{
    protected override async Task RunAsync(CancellationToken cancellation) =>
        await lists.WriteSegmentsAsync(await segments.ReadPopularAsync(
            options.Value.PopularDays, options.Value.ListLength, cancellation));
}
