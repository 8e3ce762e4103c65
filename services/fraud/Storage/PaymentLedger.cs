using Dapper;
using Ecom.Contracts;
using Ecom.Contracts.Payments;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Reads payments back from their decisions: as much of each as online state is made of.</summary>
internal sealed class PaymentLedger(NpgsqlDataSource database)
{
    private const string Columns = """
        payment_id, customer_id, anonymous_id, card_hash, device_id, ip_hash, base_amount, base_currency,
        attempted_at, succeeded
        """;

    public async Task<long> CountAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "select count(*) from decisions", commandTimeout: 0, cancellationToken: cancellation));
    }

    /// <summary>One payment, which was decided.</summary>
    public static async Task<PaymentAttempted> ReadAsync(
        NpgsqlConnection connection, string paymentId, CancellationToken cancellation)
    {
        const string Sql = $"select {Columns} from decisions where payment_id = @paymentId";

        return (await connection.QuerySingleAsync<Row>(new CommandDefinition(
            Sql, new { paymentId }, cancellationToken: cancellation))).ToPayment();
    }

    /// <summary>Payments by id, after one; an empty text begins.</summary>
    public static async Task<IReadOnlyList<PaymentAttempted>> ReadPageAsync(
        NpgsqlConnection connection, string after, int limit, CancellationToken cancellation)
    {
        const string Sql = $"""
            select {Columns} from decisions
            where payment_id > @after
            order by payment_id
            limit @limit
            """;

        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            Sql, new { after, limit }, cancellationToken: cancellation));
        return [.. rows.Select(row => row.ToPayment())];
    }

    /// <summary>Payments decided before an instant whose attempt or outcome is not noted as counted.</summary>
    public async Task<IReadOnlyList<PaymentAttempted>> ReadUncountedAsync(
        DateTimeOffset before, int limit, CancellationToken cancellation)
    {
        const string Sql = $"""
            select {Columns} from decisions
            where (not attempt_counted or (succeeded is not null and not outcome_counted)) and decided_at < @Before
            order by decided_at
            limit @limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            Sql, new { Before = before.UtcDateTime, limit }, cancellationToken: cancellation));
        return [.. rows.Select(row => row.ToPayment())];
    }

    private sealed record Row
    {
        public required string PaymentId { get; init; }

        public required string? CustomerId { get; init; }

        public required string? AnonymousId { get; init; }

        public required string? CardHash { get; init; }

        public required string? DeviceId { get; init; }

        public required string? IpHash { get; init; }

        public required long BaseAmount { get; init; }

        public required string BaseCurrency { get; init; }

        public required DateTimeOffset AttemptedAt { get; init; }

        public required bool? Succeeded { get; init; }

        public PaymentAttempted ToPayment() => new()
        {
            EventId = Guid.Empty,
            PaymentId = PaymentId,
            CustomerId = CustomerId,
            AnonymousId = AnonymousId,
            CardHash = CardHash,
            Amount = new Money
            {
                Amount = BaseAmount,
                Currency = BaseCurrency,
                BaseAmount = BaseAmount,
                BaseCurrency = BaseCurrency,
            },
            Succeeded = Succeeded,
            Source = new Source { DeviceId = DeviceId, IpHash = IpHash },
            AttemptedAt = AttemptedAt,
            ReceivedAt = AttemptedAt,
            PartitionKey = CustomerId ?? AnonymousId ?? PaymentId,
        };
    }
}
