using System.Collections.Concurrent;
using System.Globalization;
using Dapper;
using Ecom.ServiceDefaults.Storage;
using Npgsql;

namespace Ecom.FeatureStore.Storage;

/// <summary>
/// The monthly partitions of <c>shop_events</c>: made before their first event is written, dropped when all are old.
/// </summary>
internal sealed class Months(NpgsqlDataSource database, TimeProvider clock)
{
    private const string NameFormat = "yyyy_MM";

    // Another replica may drop a month: what is known is looked up again now and then.
    private static readonly TimeSpan _trusted = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<DateOnly, DateTimeOffset> _known = new();

    /// <summary>
    /// Makes what is missing, in a transaction of its own. Call it before the writing transaction: one that holds the
    /// table would wait for itself.
    /// </summary>
    public async Task EnsureAsync(IEnumerable<DateTimeOffset> times, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        bool IsKnown(DateOnly month) => _known.TryGetValue(month, out var seen) && now - seen < _trusted;
        var missing = times
            .Select(time => new DateOnly(time.UtcDateTime.Year, time.UtcDateTime.Month, 1))
            .Distinct().Where(month => !IsKnown(month)).Order();
        foreach (var month in missing)
        {
            await CreateAsync(month, cancellation);
            _known[month] = now;
        }
    }

    /// <summary>Time of the newest event until an instant; null if there is none.</summary>
    public async Task<DateTimeOffset?> FindNewestAsync(DateTimeOffset until, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleAsync<DateTime?>(new CommandDefinition(
            "select max(at) from shop_events where at <= @until", new { until }, cancellationToken: cancellation));
    }

    /// <summary>Drops months that ended before an instant.</summary>
    /// <returns>Names of the tables dropped.</returns>
    public async Task<IReadOnlyList<string>> DropAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        var firstKept = new DateOnly(before.UtcDateTime.Year, before.UtcDateTime.Month, 1);
        var dropped = await Partitions.DropAsync(
            database,
            "shop_events",
            suffix => DateOnly.TryParseExact(
                suffix, NameFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var month)
                && month < firstKept,
            cancellation);
        foreach (var month in _known.Keys.Where(month => month < firstKept))
        {
            _known.TryRemove(month, out _);
        }

        return dropped;
    }

    private async Task CreateAsync(DateOnly month, CancellationToken cancellation)
    {
        var name = month.ToString(NameFormat, CultureInfo.InvariantCulture);
        var from = month.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var to = month.AddMonths(1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var sql = $"""
            create table if not exists shop_events_{name} partition of shop_events
            for values from ('{from} 00:00+00') to ('{to} 00:00+00')
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync("select pg_advisory_xact_lock(hashtext('months ' || current_schema()))");
        await connection.ExecuteAsync(new CommandDefinition(sql, cancellationToken: cancellation));
        await transaction.CommitAsync(cancellation);
    }
}
