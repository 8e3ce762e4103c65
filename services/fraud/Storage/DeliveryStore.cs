using Dapper;
using Ecom.Fraud.Webhooks;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Events on their way to webhooks, each until the receiver took it or it was given up.</summary>
internal sealed class DeliveryStore(NpgsqlDataSource database, TimeProvider clock)
{
    private const int DaysKept = 30;

    /// <summary>Gives every new event to the webhooks that want its kind; one replica at a time.</summary>
    public async Task FanOutAsync(CancellationToken cancellation)
    {
        const string Sql = """
            with reach as (
                select coalesce(max(position), 0) as last from alert_events),
            behind as (
                select webhook_id, kinds, seen from webhooks, reach where seen < last for update of webhooks),
            added as (
                insert into webhook_deliveries (delivery_id, webhook_id, position, next_at)
                select gen_random_uuid(), behind.webhook_id, alert_events.position, @now
                from behind, reach, alert_events
                where alert_events.position > behind.seen and alert_events.position <= reach.last
                    and (behind.kinds = '{}' or alert_events.kind = any(behind.kinds))
                order by alert_events.position
                on conflict do nothing)
            update webhooks set seen = reach.last from behind, reach where webhooks.webhook_id = behind.webhook_id
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Sql, new { now = clock.GetUtcNow().UtcDateTime }, cancellationToken: cancellation));
    }

    /// <summary>Webhooks with deliveries that are due.</summary>
    public async Task<IReadOnlyList<Guid>> ListDueWebhooksAsync(CancellationToken cancellation)
    {
        const string Sql = """
            select distinct webhook_id from webhook_deliveries where state = 'pending' and next_at <= @now
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<Guid>(new CommandDefinition(
            Sql, new { now = clock.GetUtcNow().UtcDateTime }, cancellationToken: cancellation))).AsList();
    }

    /// <summary>Deliveries of a webhook that are due, oldest event first.</summary>
    public async Task<IReadOnlyList<DueDelivery>> ListDueAsync(
        Guid webhookId, int limit, CancellationToken cancellation)
    {
        const string Sql = """
            select d.delivery_id, w.url, w.secret, w.previous_secret, w.previous_until, d.attempts, e.event_id,
                e.position, e.kind, e.version, e.at, e.body
            from webhook_deliveries d
            join webhooks w using (webhook_id)
            join alert_events e using (position)
            where d.webhook_id = @webhookId and d.state = 'pending' and d.next_at <= @now
            order by d.position
            limit @limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<DueDelivery>(new CommandDefinition(
            Sql,
            new { webhookId, limit, now = clock.GetUtcNow().UtcDateTime },
            cancellationToken: cancellation))).AsList();
    }

    /// <summary>Notes how an attempt ended: delivered, to be tried again, or given up.</summary>
    /// <returns>The state of the delivery.</returns>
    public async Task<string> NoteAsync(DueDelivery delivery, Attempt attempt, CancellationToken cancellation)
    {
        const string Sql = """
            update webhook_deliveries
            set state = @state, attempts = @attempts, next_at = coalesce(@nextAt, next_at), last_status = @Status,
                last_error = @Error, finished_at = case when @state = 'pending' then null else @now end
            where delivery_id = @DeliveryId
            """;

        var now = clock.GetUtcNow();
        var attempts = delivery.Attempts + 1;
        var wait = RetrySchedule.After(attempts);
        var state = attempt.IsDelivered ? "delivered" : wait is null ? "dead" : "pending";
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                delivery.DeliveryId,
                state,
                attempts,
                nextAt = state == "pending" ? (DateTime?)(now + wait!.Value).UtcDateTime : null,
                attempt.Status,
                attempt.Error,
                now = now.UtcDateTime,
            },
            cancellationToken: cancellation));
        return state;
    }

    /// <summary>Deliveries of a webhook in the order of their making, after a number.</summary>
    public async Task<IReadOnlyList<Delivery>> ListAsync(
        Guid webhookId, string? state, long after, int limit, CancellationToken cancellation)
    {
        const string Sql = """
            select delivery_id, number, d.position, kind, state, attempts, next_at, last_status, last_error, finished_at
            from webhook_deliveries d
            join alert_events using (position)
            where webhook_id = @webhookId and number > @after and (@state::text is null or state = @state)
            order by number
            limit @limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<Delivery>(new CommandDefinition(
            Sql, new { webhookId, state, after, limit }, cancellationToken: cancellation))).AsList();
    }

    /// <summary>Sends deliveries again that have ended, under their old ids: one, or a range of events.</summary>
    /// <returns>How many.</returns>
    public async Task<int> ReplayAsync(
        Guid webhookId, Guid? deliveryId, long from, long to, bool deadOnly, CancellationToken cancellation)
    {
        const string Sql = """
            update webhook_deliveries
            set state = 'pending', attempts = 0, next_at = @now, finished_at = null
            where webhook_id = @webhookId
                and (@deliveryId::uuid is null or delivery_id = @deliveryId)
                and position between @from and @to
                and (state = 'dead' or (state = 'delivered' and not @deadOnly))
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new { webhookId, deliveryId, from, to, deadOnly, now = clock.GetUtcNow().UtcDateTime },
            cancellationToken: cancellation));
    }

    /// <summary>Deletes what was delivered long ago; dead letters stay.</summary>
    public async Task PruneAsync(CancellationToken cancellation)
    {
        const string Sql = "delete from webhook_deliveries where state = 'delivered' and finished_at < @before";

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new { before = clock.GetUtcNow().AddDays(-DaysKept).UtcDateTime },
            cancellationToken: cancellation));
    }
}
