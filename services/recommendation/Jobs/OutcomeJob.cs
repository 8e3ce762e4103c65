using Ecom.Recommendation.Outcomes;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Jobs;
using Microsoft.Extensions.Options;

namespace Ecom.Recommendation.Jobs;

/// <summary>
/// Counts outcomes of answers, announces the quality of models when an hour is over, deletes what is old.
/// </summary>
internal sealed class OutcomeJob(
    OutcomeStore outcomes,
    MetricStore metrics,
    OutcomeRetention retention,
    SampleStore samples,
    IOptions<RecommendationOptions> options,
    TimeProvider clock,
    Leases leases,
    ILogger<OutcomeJob> logger)
    : LeasedJob("outcomes", TimeSpan.FromSeconds(1), leases, logger)
{
    private DateTimeOffset _measuredUntil;

    protected override async Task RunAsync(CancellationToken cancellation)
    {
        while (await outcomes.CountAsync(cancellation) is var counted and > 0)
        {
            Telemetry.OutcomesCounted.Add(counted);
        }

        var until = Hours.Of(clock.GetUtcNow() - options.Value.MeasureDelay);
        if (until > _measuredUntil)
        {
            await metrics.MeasureAsync(until, options.Value.MeasuredAnswers, cancellation);
            await retention.PruneAsync(cancellation);
            await samples.PruneAsync(until - SampleStore.Kept, cancellation);
            _measuredUntil = until;
        }
    }
}
