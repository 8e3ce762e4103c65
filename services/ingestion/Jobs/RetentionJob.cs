using Ecom.Ingestion.Storage;
using Ecom.ServiceDefaults.Jobs;
using Microsoft.Extensions.Options;

namespace Ecom.Ingestion.Jobs;

/// <summary>Takes out what has come of age, by the options <c>Keep…Days</c>.</summary>
internal sealed partial class RetentionJob(
    LogRetention retention,
    IOptions<IngestionOptions> options,
    TimeProvider clock,
    Leases leases,
    ILogger<RetentionJob> logger)
    : LeasedJob("retention", TimeSpan.FromHours(1), leases, logger)
{
    private const int HoursBetweenTables = 2;

    /// <summary>Prunes rejections, then days of the log, then the tables of keys that are named.</summary>
    /// <remarks>Rejections go before the day that a replay of them would be written into.</remarks>
    public async Task PruneAsync(IEnumerable<string> keys, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var keep = options.Value;
        var rejections = await retention.PruneRejectionsAsync(now.AddDays(-keep.KeepRejectionsDays), cancellation);
        var endOfLog = keep.KeepLogDays == 0 ? (DateTimeOffset?)null : now.AddDays(-keep.KeepLogDays);
        IReadOnlyList<string> days = endOfLog is { } end
            ? await retention.DropDaysAsync(DateOnly.FromDateTime(end.UtcDateTime), cancellation)
            : [];
        var pruned = 0L;
        foreach (var table in keys)
        {
            var before = LogRetention.MessageKeys.Contains(table) ? now.AddDays(-keep.KeepKeysDays) : endOfLog;
            pruned += before is { } from ? await retention.PruneKeysAsync(table, from, cancellation) : 0;
        }

        LogPruned(rejections, days.Count, pruned);
    }

    // Each table of keys has its hour of the day: it is walked through once a day, and not all of them at once.
    protected override Task RunAsync(CancellationToken cancellation)
    {
        string[] tables = [.. LogRetention.MessageKeys, .. LogRetention.OrderKeys];
        var hour = clock.GetUtcNow().Hour;
        return PruneAsync(tables.Where((_, i) => i * HoursBetweenTables == hour), cancellation);
    }

    [LoggerMessage(
        Level = LogLevel.Information, Message = "Pruned {Rejections} rejections, {Days} days of the log, {Keys} keys")]
    private partial void LogPruned(long rejections, int days, long keys);
}
