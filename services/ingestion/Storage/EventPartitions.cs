using System.Collections.Concurrent;
using System.Globalization;
using Npgsql;

namespace Ecom.Ingestion.Storage;

/// <summary>The raw log's partitions, one a day of receipt (UTC).</summary>
internal sealed class EventPartitions(NpgsqlDataSource database)
{
    private readonly ConcurrentDictionary<DateOnly, bool> _known = new();

    /// <summary>Makes sure that the day's partition exists; costs nothing once it is known to.</summary>
    public async Task EnsureAsync(DateOnly day, CancellationToken cancellation)
    {
        if (_known.ContainsKey(day))
        {
            return;
        }

        var name = day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        var from = day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var to = day.AddDays(1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        // Identifiers and bounds of a partition cannot be parameters; all three are digits made here.
        await using var command = database.CreateCommand($"""
            create table if not exists events_{name} partition of events
            for values from ('{from} 00:00:00+00') to ('{to} 00:00:00+00')
            """);
        try
        {
            await command.ExecuteNonQueryAsync(cancellation);
        }
        catch (PostgresException error) when (error.SqlState
            is PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.UniqueViolation
            or PostgresErrorCodes.InvalidObjectDefinition)
        {
            // Another replica made it in the same moment.
        }

        _known[day] = true;
    }
}
