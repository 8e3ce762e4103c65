using Ecom.FeatureStore.Storage;
using Ecom.ServiceDefaults.Jobs;
using Microsoft.Extensions.Options;

namespace Ecom.FeatureStore.Jobs;

/// <summary>Drops the months of history that <c>FeatureStore:KeepEventDays</c> no longer covers.</summary>
internal sealed partial class RetentionJob(
    Months months,
    IOptions<FeatureStoreOptions> options,
    TimeProvider clock,
    Leases leases,
    ILogger<RetentionJob> logger)
    : LeasedJob("retention", TimeSpan.FromHours(1), leases, logger)
{
    /// <summary>
    /// Days count back from the newest event of the past, or from now: a shop that was imported with its old dates, and
    /// has no other events, keeps its last years.
    /// </summary>
    public async Task PruneAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        if (options.Value.KeepEventDays == 0 || await months.FindNewestAsync(now, cancellation) is not { } newest)
        {
            return;
        }

        var dropped = await months.DropAsync(newest.AddDays(-options.Value.KeepEventDays), cancellation);
        if (dropped.Count > 0)
        {
            LogDropped(dropped.Count);
        }
    }

    protected override Task RunAsync(CancellationToken cancellation) => PruneAsync(cancellation);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Months} months of history dropped")]
    private partial void LogDropped(int months);
}
