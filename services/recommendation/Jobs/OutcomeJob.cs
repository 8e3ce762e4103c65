using Ecom.Recommendation.Outcomes;
using Ecom.Recommendation.Settings;
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
    CurrentSettings settings,
    IOptions<RecommendationOptions> options,
    TimeProvider clock,
    Leases leases,
    ILogger<OutcomeJob> logger)
    : LeasedJob("outcomes", TimeSpan.FromSeconds(1), leases, logger)
{
    private DateTimeOffset _measuredUntil;

    protected override async Task RunAsync(CancellationToken cancellation)
    {
        while (await outcomes.CountAsync(cancellation) is { Events: > 0 } counted)
        {
            Report(counted.Credits);
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

    // Names come back from storefronts: only those that there are become attributes.
    private void Report(IReadOnlyList<Credit> credits)
    {
        var known = credits.Where(credit => settings.Now.Find(credit.Answer.Placement) is not null);
        foreach (var placement in known.GroupBy(credit => credit.Answer.Placement))
        {
            Add(placement.Key, "click", placement.Sum(credit => credit.Clicks));
            Add(placement.Key, "cart", placement.Sum(credit => credit.Carts));
            Add(placement.Key, "buy", placement.Sum(credit => credit.Orders));
        }

        static void Add(string placement, string outcome, long count)
        {
            if (count > 0)
            {
                Telemetry.Outcomes.Add(count, new("ecom.placement", placement), new("ecom.outcome", outcome));
            }
        }
    }
}
