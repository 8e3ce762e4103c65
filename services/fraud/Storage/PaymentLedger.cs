using System.Text.Json;
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
        attempted_at, succeeded, texts::text as texts
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

    /// <summary>Those of some payments that were decided.</summary>
    public static async Task<IReadOnlyList<PaymentAttempted>> ReadManyAsync(
        NpgsqlConnection connection, string[] paymentIds, CancellationToken cancellation)
    {
        const string Sql = $"select {Columns} from decisions where payment_id = any(@paymentIds)";

        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            Sql, new { paymentIds }, cancellationToken: cancellation));
        return [.. rows.Select(row => row.ToPayment())];
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
            join (
                select payment_id as id, since from uncounted where since < @Before order by since limit @limit) as due
                on payment_id = id
            order by since
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

        public required string Texts { get; init; }

        public PaymentAttempted ToPayment()
        {
            var texts = JsonSerializer.Deserialize<Dictionary<string, string>>(Texts)!;
            return new PaymentAttempted
            {
                EventId = Guid.Empty,
                PaymentId = PaymentId,
                CustomerId = CustomerId,
                AnonymousId = AnonymousId,
                CardHash = CardHash,
                CardCountry = texts.GetValueOrDefault("card_country"),
                EmailHash = texts.GetValueOrDefault("email"),
                EmailDomain = texts.GetValueOrDefault("email_domain"),
                BillingCountry = texts.GetValueOrDefault("billing_country"),
                ShippingCountry = texts.GetValueOrDefault("shipping_country"),
                BillingAddressHash = texts.GetValueOrDefault("billing_address"),
                ShippingAddressHash = texts.GetValueOrDefault("shipping_address"),
                TerminalId = texts.GetValueOrDefault("terminal"),
                Amount = new Money
                {
                    Amount = BaseAmount,
                    Currency = BaseCurrency,
                    BaseAmount = BaseAmount,
                    BaseCurrency = BaseCurrency,
                },
                Succeeded = Succeeded,
                Source = new Source
                {
                    DeviceId = DeviceId,
                    IpHash = IpHash,
                    IpNetworkHash = texts.GetValueOrDefault("ip_network"),
                    IpCountry = texts.GetValueOrDefault("ip_country"),
                },
                AttemptedAt = AttemptedAt,
                ReceivedAt = AttemptedAt,
                PartitionKey = CustomerId ?? AnonymousId ?? PaymentId,
            };
        }
    }
}
