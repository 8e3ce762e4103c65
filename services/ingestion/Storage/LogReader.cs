using System.Globalization;
using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;

namespace Ecom.Ingestion.Storage;

/// <summary>Reads the raw log in an order that concurrent writers cannot disturb.</summary>
/// <remarks>
/// A transaction may commit after one that began later, so positions alone have gaps that fill up behind a reader.
/// Transaction ids below the oldest one that still runs are all over: rows are read up to there, ordered by
/// (transaction, position), and nothing can appear behind the cursor.
/// </remarks>
internal sealed class LogReader(NpgsqlDataSource database)
{
    /// <summary>Rows after a cursor, at most <paramref name="limit"/>.</summary>
    public async IAsyncEnumerable<LogRow> ReadAsync(
        LogCursor after, int limit, [EnumeratorCancellation] CancellationToken cancellation)
    {
        const string Sql = """
            select transaction_id::text::bigint, position, kind, bus_message_id, body, link_message_id, link_body
            from events
            where (transaction_id, position) > ($1::text::xid8, $2)
                and transaction_id < pg_snapshot_xmin(pg_current_snapshot())
            order by transaction_id, position
            limit $3
            """;

        await using var command = database.CreateCommand(Sql);
        AddCursor(command, after);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            yield return new LogRow
            {
                Cursor = new LogCursor(reader.GetInt64(0), reader.GetInt64(1)),
                Kind = reader.GetString(2),
                BusMessageId = reader.GetGuid(3),
                Body = reader.GetString(4),
                LinkMessageId = await reader.IsDBNullAsync(5, cancellation) ? null : reader.GetGuid(5),
                LinkBody = await reader.IsDBNullAsync(6, cancellation) ? null : reader.GetString(6),
            };
        }
    }

    /// <summary>
    /// Whether committed rows lie behind a cursor, also those that an older transaction still holds back.
    /// </summary>
    public async Task<bool> HasMoreAsync(LogCursor after, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            "select exists (select from events where (transaction_id, position) > ($1::text::xid8, $2))");
        AddCursor(command, after);
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private static void AddCursor(NpgsqlCommand command, LogCursor cursor)
    {
        command.Parameters.Add(new NpgsqlParameter<string>
        {
            TypedValue = cursor.TransactionId.ToString(CultureInfo.InvariantCulture),
            NpgsqlDbType = NpgsqlDbType.Text,
        });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = cursor.Position });
    }
}

/// <summary>A row of the raw log as it is given out again.</summary>
internal sealed record LogRow
{
    public required LogCursor Cursor { get; init; }

    public required string Kind { get; init; }

    public required Guid BusMessageId { get; init; }

    /// <summary>The contract message as JSON, or one interaction of it.</summary>
    public required string Body { get; init; }

    public required Guid? LinkMessageId { get; init; }

    public required string? LinkBody { get; init; }
}

/// <summary>A place in the log, after a row.</summary>
internal readonly record struct LogCursor(long TransactionId, long Position)
{
    /// <summary>Reads "transaction-position"; null text is the beginning, other text is no cursor.</summary>
    public static bool TryParse(string? text, out LogCursor cursor)
    {
        cursor = default;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        var parts = text.Split('-');
        if (parts.Length == 2
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var transaction)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var position))
        {
            cursor = new LogCursor(transaction, position);
            return true;
        }

        return false;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{TransactionId}-{Position}");
}
