using Ecom.Contracts.Payments;
using Ecom.Features;

namespace Ecom.Fraud.Rings;

/// <summary>A payment as rings see it: whose it is, when, and what it was made with.</summary>
/// <param name="PaymentId">The payment.</param>
/// <param name="Customer">Its customer.</param>
/// <param name="At">Event time.</param>
/// <param name="Links">Its device, card and address, those that are known; at least one.</param>
internal sealed record RingPayment(
    string PaymentId, string Customer, DateTimeOffset At, IReadOnlyList<EntityKey> Links)
{
    // The surest first: who is full or too far away by one is maybe reached by another.
    private static readonly EntityKind[] _kinds = [EntityKind.Device, EntityKind.Card, EntityKind.Ip];

    /// <summary>Null if the payment has no customer, or nothing that could tie it to others.</summary>
    public static RingPayment? Of(PaymentAttempted payment, RingOptions options)
    {
        if (payment.CustomerId is not { } customer)
        {
            return null;
        }

        EntityKey[] links =
        [
            .. _kinds.Where(kind => options.MostOf(kind) > 0)
                .Select(kind => (Kind: kind, Id: IdOf(payment, kind)))
                .Where(link => link.Id is not null)
                .Select(link => new EntityKey(link.Kind, link.Id!)),
        ];
        return links.Length == 0 ? null : new RingPayment(payment.PaymentId, customer, payment.AttemptedAt, links);
    }

    private static string? IdOf(PaymentAttempted payment, EntityKind kind) => kind switch
    {
        EntityKind.Device => payment.Source.DeviceId,
        EntityKind.Card => payment.CardHash,
        _ => payment.Source.IpHash,
    };
}
