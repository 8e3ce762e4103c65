using Dapper;
using Ecom.Ingestion.Envelopes;
using Npgsql;

namespace Ecom.Ingestion.Storage;

/// <summary>
/// What was received once and is not received again: tables message_keys, order_keys and payment_keys.
/// </summary>
internal static class EventKeys
{
    /// <summary>
    /// Claims the keys of events, each event's keys different from all others', in the open transaction.
    /// </summary>
    /// <returns>For each event that was received before, the id of the first one.</returns>
    public static async Task<IReadOnlyDictionary<Guid, Guid>> ClaimAsync(
        NpgsqlConnection connection, IReadOnlyCollection<ReadEvent> events, CancellationToken cancellation)
    {
        const string Sql = """
            with incoming as (
                select * from unnest(@Clients, @MessageIds, @EventIds, @OrderIds, @PaymentIds)
                    as i (client, message_id, event_id, order_id, payment_id)
            ),
            fresh as (
                insert into message_keys (client, message_id, event_id)
                select client, message_id, event_id from incoming order by client, message_id
                on conflict do nothing
                returning event_id
            ),
            orders as (
                insert into order_keys (order_id, event_id)
                select order_id, event_id from incoming join fresh using (event_id)
                where order_id is not null order by order_id
                on conflict do nothing
                returning event_id
            ),
            payments as (
                insert into payment_keys (payment_id, event_id)
                select payment_id, event_id from incoming join fresh using (event_id)
                where payment_id is not null order by payment_id
                on conflict do nothing
                returning event_id
            )
            select event_id from incoming
            except select event_id from fresh
            union all select event_id from incoming join fresh using (event_id)
            where (order_id is not null and event_id not in (select event_id from orders))
                or (payment_id is not null and event_id not in (select event_id from payments))
            """;

        if (events.Count == 0)
        {
            return new Dictionary<Guid, Guid>();
        }

        var known = events.All(e => e is { OrderId: null, PaymentId: null })
            ? await ClaimMessagesAsync(connection, events, cancellation)
            : (await connection.QueryAsync<Guid>(
                new CommandDefinition(Sql, Parameters(events), cancellationToken: cancellation))).ToHashSet();
        return known.Count == 0
            ? new Dictionary<Guid, Guid>()
            : await FindFirstAsync(connection, [.. events.Where(e => known.Contains(e.EventId))], cancellation);
    }

    // Most groups hold neither orders nor payments: a plain statement costs half.
    private static async Task<HashSet<Guid>> ClaimMessagesAsync(
        NpgsqlConnection connection, IReadOnlyCollection<ReadEvent> events, CancellationToken cancellation)
    {
        const string Sql = """
            insert into message_keys (client, message_id, event_id)
            select * from unnest(@Clients, @MessageIds, @EventIds) as i (client, message_id, event_id)
            order by client, message_id
            on conflict do nothing
            returning event_id
            """;

        var fresh = await connection.QueryAsync<Guid>(new CommandDefinition(
            Sql,
            new
            {
                Clients = events.Select(e => e.Client).ToArray(),
                MessageIds = events.Select(e => e.MessageId).ToArray(),
                EventIds = events.Select(e => e.EventId).ToArray(),
            },
            cancellationToken: cancellation));
        var known = events.Select(e => e.EventId).ToHashSet();
        known.ExceptWith(fresh);
        return known;
    }

    private static async Task<IReadOnlyDictionary<Guid, Guid>> FindFirstAsync(
        NpgsqlConnection connection, IReadOnlyCollection<ReadEvent> events, CancellationToken cancellation)
    {
        const string Sql = """
            select i.event_id, coalesce(o.event_id, p.event_id, m.event_id) as first_event_id
            from unnest(@Clients, @MessageIds, @EventIds, @OrderIds, @PaymentIds)
                as i (client, message_id, event_id, order_id, payment_id)
            join message_keys m using (client, message_id)
            left join order_keys o using (order_id)
            left join payment_keys p using (payment_id)
            """;

        var rows = await connection.QueryAsync<Row>(
            new CommandDefinition(Sql, Parameters(events), cancellationToken: cancellation));
        return rows.ToDictionary(row => row.EventId, row => row.FirstEventId);
    }

    private static object Parameters(IReadOnlyCollection<ReadEvent> events) => new
    {
        Clients = events.Select(e => e.Client).ToArray(),
        MessageIds = events.Select(e => e.MessageId).ToArray(),
        EventIds = events.Select(e => e.EventId).ToArray(),
        OrderIds = events.Select(e => e.OrderId).ToArray(),
        PaymentIds = events.Select(e => e.PaymentId).ToArray(),
    };

    private sealed record Row
    {
        public required Guid EventId { get; init; }

        public required Guid FirstEventId { get; init; }
    }
}
