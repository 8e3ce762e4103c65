using Dapper;
using Ecom.Features;
using Ecom.Features.Payments;
using Ecom.Fraud.Payments;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>What of a payment is to be counted in Redis, each part under an id made of the payment's.</summary>
/// <param name="PaymentId">The payment.</param>
/// <param name="Event">As it came first, with the outcome that is known.</param>
/// <param name="HasAttempt">Whether the attempt is not counted yet.</param>
/// <param name="HasOutcome">Whether the outcome is known and not counted yet.</param>
internal sealed record CountedPayment(string PaymentId, ShopEvent Event, bool HasAttempt, bool HasOutcome)
{
    /// <summary>Looks what is missing of a payment, and stores an outcome that is new.</summary>
    /// <returns>Null if nothing is missing, or the decision is gone.</returns>
    public static async Task<CountedPayment?> OfAsync(
        NpgsqlConnection connection, AskedPayment asked, CancellationToken cancellation)
    {
        const string Note = """
            with known as (
                update decisions set succeeded = @Succeeded where payment_id = @PaymentId and succeeded is null)
            insert into uncounted (payment_id, attempt, outcome, since)
            values (@PaymentId, false, true, @DecidedAt)
            on conflict (payment_id) do update set outcome = true
            """;

        if (asked.Decision is not { } decision)
        {
            return null;
        }

        var outcome = decision.Succeeded ?? asked.Payment.Succeeded;
        var hasOutcome = outcome is not null && !decision.OutcomeCounted;
        if (decision.AttemptCounted && !hasOutcome)
        {
            return null;
        }

        if (hasOutcome && decision.Succeeded is null)
        {
            await connection.ExecuteAsync(new CommandDefinition(
                Note,
                new { decision.PaymentId, Succeeded = outcome, DecidedAt = decision.DecidedAt.UtcDateTime },
                cancellationToken: cancellation));
        }

        // Counted as it came first, whatever the second arrival says: a rebuild knows no other.
        var first = asked.IsFirst
            ? asked.Event
            : PaymentVector.EventOf(await PaymentLedger.ReadAsync(connection, decision.PaymentId, cancellation));
        return new CountedPayment(
            decision.PaymentId, first with { Succeeded = outcome }, !decision.AttemptCounted, hasOutcome);
    }

    /// <summary>What payments add together. An outcome adds something only if it is a refusal.</summary>
    public static IReadOnlyList<EntityDelta> Fold(IReadOnlyList<CountedPayment> payments) =>
    [
        .. FraudFeatures.Attempts.Fold([.. payments.Where(payment => payment.HasAttempt)
            .Select(payment => Message(PaymentIds.Attempt(payment.PaymentId), payment.Event))]),
        .. FraudFeatures.Outcomes.Fold([.. payments
            .Where(payment => payment is { HasOutcome: true, Event.Succeeded: false })
            .Select(payment => Message(PaymentIds.Outcome(payment.PaymentId), payment.Event))]),
    ];

    private static KeyValuePair<Guid, IReadOnlyList<ShopEvent>> Message(Guid id, ShopEvent payment) =>
        new(id, [payment]);
}
