using System.Collections.Concurrent;
using System.Globalization;
using Dapper;
using Npgsql;

namespace Ecom.FeatureStore.Storage;

/// <summary>Makes the monthly partitions of <c>shop_events</c> before their first event is written.</summary>
internal sealed class Months(NpgsqlDataSource database)
{
    private readonly ConcurrentDictionary<DateOnly, bool> _known = new();

    /// <summary>
    /// Makes what is missing, in a transaction of its own. Call it before the writing transaction: one that holds the
    /// table would wait for itself.
    /// </summary>
    public async Task EnsureAsync(IEnumerable<DateTimeOffset> times, CancellationToken cancellation)
    {
        var missing = times
            .Select(time => new DateOnly(time.UtcDateTime.Year, time.UtcDateTime.Month, 1))
            .Distinct().Where(month => !_known.ContainsKey(month)).Order();
        foreach (var month in missing)
        {
            await CreateAsync(month, cancellation);
            _known[month] = true;
        }
    }

    private async Task CreateAsync(DateOnly month, CancellationToken cancellation)
    {
        var name = month.ToString("yyyy_MM", CultureInfo.InvariantCulture);
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
