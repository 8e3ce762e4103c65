using Ecom.Ingestion.Storage;
using Ecom.ServiceDefaults.Jobs;
using Microsoft.Extensions.Options;

namespace Ecom.Ingestion.Jobs;

/// <summary>Makes the raw log's partitions of the next days, so that midnight finds its own ready.</summary>
internal sealed class PartitionJob(
    EventPartitions partitions,
    IOptions<IngestionOptions> options,
    TimeProvider clock,
    Leases leases,
    ILogger<PartitionJob> logger)
    : LeasedJob("partitions", TimeSpan.FromHours(1), leases, logger)
{
    protected override async Task RunAsync(CancellationToken cancellation)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        for (var ahead = 0; ahead <= options.Value.PartitionDaysAhead; ahead++)
        {
            await partitions.EnsureAsync(today.AddDays(ahead), cancellation);
        }
    }
}
