using Dapper;
using Ecom.Contracts.Payments;
using Ecom.Features;
using Npgsql;

namespace Ecom.FeatureStore.Storage;

/// <summary>
/// Brings disputes and their payments together, whichever comes first: table <c>waiting_disputes</c>.
/// </summary>
internal static class Disputes
{
    // Payment and dispute can come at once on two queues: one of the two must see the other. In one order everywhere,
    // so that two never wait for each other.
    public static Task LockPaymentsAsync(
        NpgsqlConnection connection, string[] payments, CancellationToken cancellation) =>
        connection.ExecuteAsync(new CommandDefinition(
            """
            select pg_advisory_xact_lock(key) from (
                select distinct hashtextextended('payment ' || payment, 0) as key from unnest(@payments) as payment
                order by key) as keys
            """,
            new { payments },
            cancellationToken: cancellation));

    public static async Task<ShopEvent?> FindPaymentAsync(
        NpgsqlConnection connection, string payment, CancellationToken cancellation)
    {
        const string Sql = $"""
            select {EventRow.Columns}
            from shop_events
            where kind = 'PaymentAttempted' and reference = $1
            limit 1
            """;

        await using var command = new NpgsqlCommand(Sql, connection) { Parameters = { new() { Value = payment } } };
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation) ? EventRow.Read(row) : null;
    }

    public static Task KeepAsync(
        NpgsqlConnection connection, Guid messageId, PaymentDisputed dispute, CancellationToken cancellation)
    {
        const string Sql = """
            insert into waiting_disputes (event_id, message_id, payment_id, disputed_at, backfill)
            values (@EventId, @messageId, @PaymentId, @At, @Backfill)
            on conflict do nothing
            """;

        return connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                dispute.EventId,
                messageId,
                dispute.PaymentId,
                At = dispute.DisputedAt.UtcDateTime,
                dispute.Backfill,
            },
            cancellationToken: cancellation));
    }

    public static async Task<IReadOnlyList<WaitingDispute>> TakeAsync(
        NpgsqlConnection connection, string[] payments, CancellationToken cancellation)
    {
        const string Sql = """
            delete from waiting_disputes
            where payment_id = any(@payments)
            returning event_id, message_id, payment_id, disputed_at, backfill
            """;

        return (await connection.QueryAsync<WaitingDispute>(
            new CommandDefinition(Sql, new { payments }, cancellationToken: cancellation))).AsList();
    }
}

/// <summary>A dispute whose payment has not come yet.</summary>
internal sealed record WaitingDispute
{
    public required Guid EventId { get; init; }

    public required Guid MessageId { get; init; }

    public required string PaymentId { get; init; }

    public required DateTimeOffset DisputedAt { get; init; }

    public required bool Backfill { get; init; }

    public PaymentDisputed ToContract() => new()
    {
        EventId = EventId,
        PaymentId = PaymentId,
        DisputedAt = DisputedAt,
        ReceivedAt = DisputedAt,
        Backfill = Backfill,
        PartitionKey = PaymentId,
    };
}
