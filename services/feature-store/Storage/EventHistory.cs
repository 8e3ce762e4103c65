using System.Runtime.CompilerServices;
using Dapper;
using Ecom.Features;
using Npgsql;
using NpgsqlTypes;

namespace Ecom.FeatureStore.Storage;

/// <summary>Reads the event history, streamed.</summary>
internal sealed class EventHistory(NpgsqlDataSource database)
{
    /// <summary>Events of some kinds before an instant and not before another, ordered by time, id and line.</summary>
    /// <param name="kinds">The kinds.</param>
    /// <param name="from">First instant that counts; identifications count from the beginning.</param>
    /// <param name="before">First instant that does not.</param>
    /// <param name="cancellation">Ends the stream.</param>
    public async IAsyncEnumerable<ShopEvent> EventsAsync(
        IEnumerable<ShopEventKind> kinds,
        DateTimeOffset from,
        DateTimeOffset before,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        const string Sql = $"""
            select {EventRow.Columns}
            from shop_events
            where kind = any($1) and (at >= $2 or kind = 'CustomerIdentified') and at < $3
            order by at, id, line
            """;

        await using var command = database.CreateCommand(Sql);
        command.CommandTimeout = 0;
        command.Parameters.Add(new() { Value = kinds.Select(kind => kind.ToString()).ToArray() });
        command.Parameters.Add(new() { Value = from.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new() { Value = before.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            yield return EventRow.Read(row);
        }
    }

    /// <summary>Waits until every transaction that was writing events when this was called has ended.</summary>
    public async Task AwaitWritersAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await WriterLock.HoldAsync(connection, cancellation);
    }

    /// <summary>How many events there are.</summary>
    public async Task<long> CountAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "select count(*) from shop_events", commandTimeout: 0, cancellationToken: cancellation));
    }

    /// <summary>The whole history message by message, in no stated order.</summary>
    public IAsyncEnumerable<RecordedMessage> MessagesAsync(CancellationToken cancellation) =>
        GroupAsync(
            database.CreateCommand($"select {EventRow.Columns} from shop_events order by message_id, at, id, line"),
            cancellation);

    /// <summary>The history of some entities of one kind, message by message, in the open transaction.</summary>
    public static IAsyncEnumerable<RecordedMessage> MessagesOfAsync(
        NpgsqlConnection connection, EntityKind kind, IReadOnlyList<string> ids, CancellationToken cancellation)
    {
        var command = new NpgsqlCommand(
            $"""
            select {EventRow.Columns}
            from shop_events
            where {EventRow.ColumnOf(kind)} = any($1)
            order by message_id, at, id, line
            """,
            connection);
        command.Parameters.Add(new() { Value = ids.ToArray() });
        return GroupAsync(command, cancellation);
    }

    /// <summary>The ids of all entities of a kind that had an event before an instant, in order.</summary>
    public async Task<IReadOnlyList<string>> EntitiesAsync(
        EntityKind kind, DateTimeOffset before, CancellationToken cancellation)
    {
        var column = EventRow.ColumnOf(kind);
        var sql = $"""
            select distinct {column}
            from shop_events
            where {column} is not null and at < @Before
            order by {column}
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<string>(new CommandDefinition(
            sql, new { Before = before.UtcDateTime }, commandTimeout: 0, cancellationToken: cancellation))).AsList();
    }

    /// <summary>The entities of a kind that were seen last, at most a number of them.</summary>
    public async Task<IReadOnlyList<string>> NewestEntitiesAsync(
        EntityKind kind, int count, CancellationToken cancellation)
    {
        var column = EventRow.ColumnOf(kind);
        var sql = $"""
            select distinct id
            from (select {column} as id from shop_events where {column} is not null order by at desc limit 20000) newest
            order by id
            limit @count
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<string>(new CommandDefinition(
            sql, new { count }, cancellationToken: cancellation))).AsList();
    }

    /// <summary>The newest event of each kind.</summary>
    public async Task<IReadOnlyList<KindFreshness>> FreshnessAsync(CancellationToken cancellation)
    {
        const string Sql = """
            select kinds.kind, newest.at as event_at, newest.recorded_at
            from unnest(@Kinds) as kinds (kind)
            cross join lateral (
                select at, recorded_at
                from shop_events
                where shop_events.kind = kinds.kind
                order by at desc
                limit 1) newest
            order by kinds.kind
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<KindFreshness>(new CommandDefinition(
            Sql, new { Kinds = Enum.GetNames<ShopEventKind>() }, cancellationToken: cancellation))).AsList();
    }

    private static async IAsyncEnumerable<RecordedMessage> GroupAsync(
        NpgsqlCommand made, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var command = made;
        command.CommandTimeout = 0;
        await using var row = await command.ExecuteReaderAsync(cancellation);
        Guid? messageId = null;
        var events = new List<ShopEvent>();
        while (await row.ReadAsync(cancellation))
        {
            var next = EventRow.MessageId(row);
            if (messageId is { } finished && finished != next)
            {
                yield return new RecordedMessage(finished, events);
                events = [];
            }

            messageId = next;
            events.Add(EventRow.Read(row));
        }

        if (messageId is { } last)
        {
            yield return new RecordedMessage(last, events);
        }
    }
}

/// <summary>How fresh one kind of event is.</summary>
internal sealed record KindFreshness
{
    public required string Kind { get; init; }

    /// <summary>Event time of the newest event.</summary>
    public required DateTimeOffset EventAt { get; init; }

    /// <summary>When that event was recorded here.</summary>
    public required DateTimeOffset RecordedAt { get; init; }
}
