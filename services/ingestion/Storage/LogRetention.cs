using System.Buffers.Binary;
using System.Globalization;
using Dapper;
using Ecom.ServiceDefaults.Storage;
using Npgsql;

namespace Ecom.Ingestion.Storage;

/// <summary>Takes out what has come of age: days of the raw log, deduplication keys, rejections.</summary>
internal sealed class LogRetention(NpgsqlDataSource database)
{
    private const int PagesAtOnce = 256;
    private const int RowsAtOnce = 1_000;
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Tables whose keys are kept for message ids.</summary>
    public static IReadOnlyList<string> MessageKeys { get; } =
        [.. Enumerable.Range(0, 8).Select(remainder => $"message_keys_{remainder}")];

    /// <summary>Tables whose keys are kept as long as the log.</summary>
    public static IReadOnlyList<string> OrderKeys { get; } = ["order_keys", "payment_keys"];

    /// <summary>Drops the days of the raw log before the first one that is kept.</summary>
    public Task<IReadOnlyList<string>> DropDaysAsync(DateOnly firstKept, CancellationToken cancellation) =>
        Partitions.DropAsync(
            database,
            "events",
            suffix => DateOnly.TryParseExact(
                suffix, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day < firstKept,
            cancellation);

    /// <summary>
    /// Deletes the keys of events that were received before an instant: an event's id begins with it (UUID version 7).
    /// </summary>
    /// <remarks>
    /// An index by id would cost each event that is written; instead a table is walked through once, some pages a
    /// transaction, which locks no more than the rows that go.
    /// </remarks>
    public async Task<long> PruneKeysAsync(string table, DateTimeOffset before, CancellationToken cancellation)
    {
        const string Size = "select pg_relation_size(@table::regclass) / current_setting('block_size')::bigint";
        var sql = $"""
            delete from {table}
            where ctid >= format('(%s,0)', @From::bigint)::tid and ctid < format('(%s,0)', @To::bigint)::tid
                and event_id < @Smallest
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var pages = await connection.ExecuteScalarAsync<long>(
            new CommandDefinition(Size, new { table }, cancellationToken: cancellation));
        var pruned = 0L;
        for (var page = 0L; page < pages; page += PagesAtOnce)
        {
            var range = new { From = page, To = page + PagesAtOnce, Smallest = SmallestId(before) };
            pruned += await connection.ExecuteAsync(new CommandDefinition(sql, range, cancellationToken: cancellation));
            await Task.Delay(_pause, cancellation);
        }

        return pruned;
    }

    /// <summary>Deletes rejections that were received before an instant, the oldest first.</summary>
    public async Task<long> PruneRejectionsAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        // Only the head of the table is looked at: behind it nothing is older, but for replayed ones, which wait.
        const string Sql = """
            delete from rejections
            where position in (
                select position
                from (select position, received_at from rejections order by position limit @RowsAtOnce) as head
                where received_at < @before)
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var pruned = 0L;
        int batch;
        do
        {
            batch = await connection.ExecuteAsync(new CommandDefinition(
                Sql, new { before, RowsAtOnce }, cancellationToken: cancellation));
            pruned += batch;
            await Task.Delay(_pause, cancellation);
        }
        while (batch > 0);

        return pruned;
    }

    /// <summary>Not larger than the id of any event received at this instant, larger than all before.</summary>
    public static Guid SmallestId(DateTimeOffset at)
    {
        const int BitsBehindTime = 16;
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, at.ToUnixTimeMilliseconds() << BitsBehindTime);
        return new Guid(bytes, bigEndian: true);
    }
}
