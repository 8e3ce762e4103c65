using Ecom.Contracts.Payments;
using Ecom.Ingestion.Cleaning;
using Ecom.Ingestion.Envelopes;
using Ecom.ServiceDefaults.Privacy;

namespace Ecom.Ingestion.Vocabulary;

/// <summary>Payments attempted and disputed. Card numbers and e-mail addresses are hashed as they are read.</summary>
internal sealed class PaymentMapping(MoneyReader money, PersonalData personal)
{
    public Mapped Attempted(Envelope envelope)
    {
        var properties = envelope.Properties;
        var paymentId = properties.RequiredId("payment_id", Reasons.PaymentIdMissing);
        var amount = money.Currency(properties, envelope.OccurredAt) is { } currency
            ? money.Required(properties, "amount", currency, positive: true)
            : null;
        if (amount is null)
        {
            return new Mapped(nameof(PaymentAttempted), null);
        }

        var email = personal.Email(properties.Text("email"));
        var number = personal.CardNumber(properties.Text("card_number"));
        var card = number ?? personal.Opaque(PersonalKind.CardFingerprint, properties.Text("card_fingerprint"));
        var attempted = new PaymentAttempted
        {
            EventId = envelope.EventId,
            PaymentId = paymentId,
            OrderId = properties.Id("order_id"),
            CustomerId = envelope.CustomerId,
            AnonymousId = envelope.AnonymousId,
            Amount = amount,
            CardHash = card?.Hash,
            CardScheme = properties.Description("card_scheme")?.ToLowerInvariant() ?? number?.Derived,
            CardCountry = Countries.Code(properties.Text("card_country")),
            EmailDomain = email?.Derived,
            EmailHash = email?.Hash,
            BillingCountry = Countries.Code(properties.Text("billing_country")),
            ShippingCountry = Countries.Code(properties.Text("shipping_country")),
            BillingAddressHash = AddressHash(properties, "billing_address"),
            ShippingAddressHash = AddressHash(properties, "shipping_address"),
            TerminalId = properties.Id("terminal_id") ?? properties.Id("merchant_id"),
            Succeeded = properties.Flag("succeeded"),
            Source = envelope.Source,
            AttemptedAt = envelope.OccurredAt,
            ReceivedAt = envelope.Receipt.ReceivedAt,
            Backfill = envelope.Backfill,
            PartitionKey = envelope.CustomerId ?? card?.Hash ?? paymentId,
            TraceParent = envelope.Receipt.TraceParent,
        };
        return new Mapped(nameof(PaymentAttempted), attempted) { PaymentId = paymentId };
    }

    public static Mapped Disputed(Envelope envelope)
    {
        var paymentId = envelope.Properties.RequiredId("payment_id", Reasons.PaymentIdMissing);
        return new Mapped(nameof(PaymentDisputed), new PaymentDisputed
        {
            EventId = envelope.EventId,
            PaymentId = paymentId,
            Reason = envelope.Properties.Description("reason"),
            DisputedAt = envelope.OccurredAt,
            ReceivedAt = envelope.Receipt.ReceivedAt,
            Backfill = envelope.Backfill,
            PartitionKey = paymentId,
            TraceParent = envelope.Receipt.TraceParent,
        });
    }

    // An address in parts, as some senders have it, is not compared: its parts are named in too many ways.
    private string? AddressHash(Fields properties, string name) =>
        properties.IsObject(name) ? null : personal.Address(properties.Text(name))?.Hash;
}
