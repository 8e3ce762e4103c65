using Dapper;
using Npgsql;

namespace Ecom.ServiceDefaults.Messaging.Failures;

/// <summary>The store of failed messages: table <c>parked_messages</c>.</summary>
internal sealed class ParkedMessages(NpgsqlDataSource database, TimeProvider clock)
{
    // Locks rows for as long as their publication takes, and a crash publishes no more than these twice.
    private const int RowsAtOnce = 50;

    /// <summary>Keeps a message; one that waits already is kept once, with its newest fault.</summary>
    public async Task AddAsync(ParkedMessage message, CancellationToken cancellation)
    {
        const string Sql = """
            insert into parked_messages (id, queue, message_key, message_id, correlation_id, message_type,
                content_type, headers, body, fault_type, fault_message, fault_stack, attempts, first_failed_at,
                last_failed_at, trace_id)
            values (@Id, @Queue, @MessageKey, @MessageId, @CorrelationId, @MessageType,
                @ContentType, @Headers::jsonb, @Body, @FaultType, @FaultMessage, @FaultStack, @Attempts, @FirstFailedAt,
                @LastFailedAt, @TraceId)
            on conflict (queue, message_key) where state = 'parked' do update
            set fault_type = excluded.fault_type, fault_message = excluded.fault_message,
                fault_stack = excluded.fault_stack, attempts = excluded.attempts,
                last_failed_at = excluded.last_failed_at
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(Sql, message, cancellationToken: cancellation));
    }

    /// <summary>Messages without their bodies, newest first.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="before">Only what is older than this position; null for the newest.</param>
    /// <param name="limit">Most rows.</param>
    /// <param name="cancellation">Stops the reading.</param>
    public async Task<IReadOnlyList<ParkedMessage>> ListAsync(
        ParkedFilter filter, long? before, int limit, CancellationToken cancellation)
    {
        const string Sql = """
            select position, id, queue, message_key, message_id, correlation_id, message_type, content_type,
                '{}' as headers, ''::bytea as body, fault_type, fault_message, null as fault_stack, attempts,
                first_failed_at, last_failed_at, trace_id, state, handled_at, handled_by, handled_reason
            from parked_messages
            where (@Queue::text is null or queue = @Queue)
                and (@Type::text is null or message_type = @Type or message_type like '%.' || @Type)
                and (@State::text is null or state = @State)
                and (@before::bigint is null or position < @before)
            order by position desc
            limit @limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<ParkedMessage>(new CommandDefinition(
            Sql,
            new { filter.Queue, filter.Type, filter.State, before, limit },
            cancellationToken: cancellation));
        return rows.AsList();
    }

    /// <summary>How many there are by queue and fault, the most frequent first.</summary>
    public async Task<IReadOnlyList<ParkedCount>> CountAsync(ParkedFilter filter, CancellationToken cancellation)
    {
        const string Sql = """
            select queue, fault_type as fault, count(*) as messages
            from parked_messages
            where (@Queue::text is null or queue = @Queue)
                and (@Type::text is null or message_type = @Type or message_type like '%.' || @Type)
                and (@State::text is null or state = @State)
            group by queue, fault_type
            order by count(*) desc, queue, fault_type
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<ParkedCount>(
            new CommandDefinition(Sql, filter, cancellationToken: cancellation));
        return rows.AsList();
    }

    /// <summary>One message with everything; null if there is none of this id.</summary>
    public async Task<ParkedMessage?> FindAsync(Guid id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<ParkedMessage>(new CommandDefinition(
            "select * from parked_messages where id = @id", new { id }, cancellationToken: cancellation));
    }

    /// <summary>
    /// Hands one message to <paramref name="publish"/>, whatever its state, and marks it as replayed. A crash in
    /// between leaves it as it was.
    /// </summary>
    /// <returns>False if there is none of this id.</returns>
    public async Task<bool> ReplayAsync(
        Guid id, string by, Func<ParkedMessage, Task> publish, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<ParkedMessage>(new CommandDefinition(
            "select * from parked_messages where id = @id for update", new { id }, cancellationToken: cancellation));
        if (row is null)
        {
            return false;
        }

        await publish(row);
        await MarkReplayedAsync(connection, [row], by, cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    /// <summary>
    /// Hands messages that wait to <paramref name="publish"/>, the oldest first, and marks them as replayed, some at a
    /// time. A crash leaves those at hand as they were.
    /// </summary>
    /// <returns>How many; what another call replays just now is not among them.</returns>
    public async Task<int> ReplayAsync(
        ParkedFilter filter,
        int limit,
        string by,
        Func<ParkedMessage, Task> publish,
        CancellationToken cancellation)
    {
        const string Claim = """
            select * from parked_messages
            where state = 'parked' and position <= @newest
                and (@Queue::text is null or queue = @Queue)
                and (@Type::text is null or message_type = @Type or message_type like '%.' || @Type)
            order by position
            limit @most
            for update skip locked
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);

        // What fails again at once gets a new position: without this bound it would go round and round.
        var newest = await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "select coalesce(max(position), 0) from parked_messages", cancellationToken: cancellation));
        for (var replayed = 0; ;)
        {
            var most = Math.Min(RowsAtOnce, limit - replayed);
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            var rows = (await connection.QueryAsync<ParkedMessage>(new CommandDefinition(
                Claim, new { filter.Queue, filter.Type, newest, most }, cancellationToken: cancellation))).AsList();
            foreach (var row in rows)
            {
                await publish(row);
            }

            await MarkReplayedAsync(connection, rows, by, cancellation);
            await transaction.CommitAsync(cancellation);
            replayed += rows.Count;
            if (rows.Count < most || replayed == limit)
            {
                return replayed;
            }
        }
    }

    /// <summary>Gives up one message that waits.</summary>
    /// <returns>False if it does not wait, or there is none of this id.</returns>
    public async Task<bool> DiscardAsync(Guid id, string by, string reason, CancellationToken cancellation)
    {
        const string Sql = """
            update parked_messages
            set state = 'discarded', handled_at = @now, handled_by = @by, handled_reason = @reason
            where id = @id and state = 'parked'
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.ExecuteAsync(new CommandDefinition(
            Sql, new { id, by, reason, now = clock.GetUtcNow() }, cancellationToken: cancellation)) == 1;
    }

    /// <summary>Gives up messages that wait, the oldest first.</summary>
    /// <returns>How many.</returns>
    public async Task<int> DiscardAsync(
        ParkedFilter filter, int limit, string by, string reason, CancellationToken cancellation)
    {
        const string Sql = """
            update parked_messages
            set state = 'discarded', handled_at = @now, handled_by = @by, handled_reason = @reason
            where position in (
                select position from parked_messages
                where state = 'parked'
                    and (@Queue::text is null or queue = @Queue)
                    and (@Type::text is null or message_type = @Type or message_type like '%.' || @Type)
                order by position
                limit @limit
                for update skip locked)
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new { filter.Queue, filter.Type, limit, by, reason, now = clock.GetUtcNow() },
            cancellationToken: cancellation));
    }

    private async Task MarkReplayedAsync(
        NpgsqlConnection connection, IReadOnlyList<ParkedMessage> rows, string by, CancellationToken cancellation)
    {
        const string Sql = """
            update parked_messages
            set state = 'replayed', handled_at = @now, handled_by = @by, handled_reason = null
            where position = any(@Positions)
            """;

        await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new { by, now = clock.GetUtcNow(), Positions = rows.Select(row => row.Position).ToArray() },
            cancellationToken: cancellation));
    }
}
