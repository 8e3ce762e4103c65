using System.Text.Json;
using Dapper;
using Ecom.Contracts.Payments;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Writes a decision with its payment.</summary>
internal static class DecisionInsert
{
    public static Task RunAsync(
        NpgsqlConnection connection, PaymentAttempted payment, Decision decision, CancellationToken cancellation)
    {
        const string Sql = """
            insert into decisions (
                payment_id, order_id, customer_id, anonymous_id, card_hash, device_id, ip_hash,
                amount, currency, base_amount, base_currency, vector, decision, score, reasons, decided_by,
                arrival, backfill, attempted_at, decided_at, trace_id,
                degraded, succeeded, texts, listed, shadow)
            values (
                @PaymentId, @OrderId, @CustomerId, @AnonymousId, @CardHash, @DeviceId, @IpHash,
                @Amount, @Currency, @BaseAmount, @BaseCurrency, @Vector::jsonb, @Verdict, @Score, @Reasons::jsonb,
                @DecidedBy, @Arrival, @Backfill, @AttemptedAt, @DecidedAt, @TraceId,
                @Degraded, @Succeeded, @Texts::jsonb, @Listed::jsonb, @Shadow)
            """;

        return connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                payment.PaymentId,
                payment.OrderId,
                payment.CustomerId,
                payment.AnonymousId,
                payment.CardHash,
                payment.Source.DeviceId,
                payment.Source.IpHash,
                payment.Amount.Amount,
                payment.Amount.Currency,
                payment.Amount.BaseAmount,
                payment.Amount.BaseCurrency,
                Vector = JsonSerializer.Serialize(decision.Vector),
                Verdict = decision.Verdict.ToString(),
                decision.Score,
                Reasons = JsonSerializer.Serialize(decision.Reasons, JsonSerializerOptions.Web),
                decision.DecidedBy,
                Arrival = decision.Arrival.ToString(),
                decision.Backfill,
                AttemptedAt = payment.AttemptedAt.UtcDateTime,
                DecidedAt = decision.DecidedAt.UtcDateTime,
                decision.TraceId,
                decision.Degraded,
                payment.Succeeded,
                Texts = JsonSerializer.Serialize(decision.Texts),
                Listed = JsonSerializer.Serialize(decision.Listed),
                Shadow = decision.Shadow.ToArray(),
            },
            cancellationToken: cancellation));
    }
}
