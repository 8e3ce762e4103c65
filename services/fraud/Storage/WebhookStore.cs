using Dapper;
using Ecom.Fraud.Webhooks;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Keeps subscriptions.</summary>
internal sealed class WebhookStore(NpgsqlDataSource database, WebhookSecrets secrets, TimeProvider clock)
{
    private const string Select = """
        select webhook_id, url, kinds, case when previous_until > @now then previous_until end as previous_until,
            created_by, created_at,
            (select count(*)::integer from webhook_deliveries d
                where d.webhook_id = w.webhook_id and d.state = 'pending') as pending,
            (select count(*)::integer from webhook_deliveries d
                where d.webhook_id = w.webhook_id and d.state = 'dead') as dead
        from webhooks w
        """;

    public async Task<IReadOnlyList<Webhook>> ListAsync(CancellationToken cancellation)
    {
        const string Sql = $"{Select} order by created_at, webhook_id";

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<Webhook>(new CommandDefinition(
            Sql, new { now = clock.GetUtcNow().UtcDateTime }, cancellationToken: cancellation))).AsList();
    }

    public async Task<Webhook?> FindAsync(Guid webhookId, CancellationToken cancellation)
    {
        const string Sql = $"{Select} where webhook_id = @webhookId";

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<Webhook>(new CommandDefinition(
            Sql, new { webhookId, now = clock.GetUtcNow().UtcDateTime }, cancellationToken: cancellation));
    }

    /// <summary>Subscribes to what happens from now on.</summary>
    /// <returns>Its id and secret; null if there are too many.</returns>
    public async Task<(Guid WebhookId, string Secret)?> AddAsync(
        string url, string[] kinds, int most, string by, CancellationToken cancellation)
    {
        const string Sql = """
            insert into webhooks (webhook_id, url, kinds, secret, seen, created_by, created_at)
            select @webhookId, @url, @kinds, @Encrypted,
                (select coalesce(max(position), 0) from alert_events), @by, @now
            where (select count(*) from webhooks) < @most
            """;

        var now = clock.GetUtcNow();
        var webhookId = Guid.CreateVersion7(now);
        var secret = WebhookSecrets.Make();
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var added = await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new { webhookId, url, kinds, Encrypted = secrets.Encrypt(secret), by, most, now = now.UtcDateTime },
            cancellationToken: cancellation));
        return added == 1 ? (webhookId, secret) : null;
    }

    public async Task<bool> RemoveAsync(Guid webhookId, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.ExecuteAsync(new CommandDefinition(
            "delete from webhooks where webhook_id = @webhookId",
            new { webhookId },
            cancellationToken: cancellation)) == 1;
    }

    /// <summary>Makes a new secret; the one until now signs beside it for a while.</summary>
    /// <returns>The new secret; null if there is no such webhook.</returns>
    public async Task<string?> RotateAsync(Guid webhookId, TimeSpan overlap, CancellationToken cancellation)
    {
        const string Sql = """
            update webhooks set previous_secret = secret, previous_until = @until, secret = @Encrypted
            where webhook_id = @webhookId
            """;

        var secret = WebhookSecrets.Make();
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rotated = await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                webhookId,
                until = (clock.GetUtcNow() + overlap).UtcDateTime,
                Encrypted = secrets.Encrypt(secret),
            },
            cancellationToken: cancellation));
        return rotated == 1 ? secret : null;
    }
}
