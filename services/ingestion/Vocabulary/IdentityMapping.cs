using Ecom.Contracts.Customers;
using Ecom.Ingestion.Cleaning;
using Ecom.Ingestion.Envelopes;
using Ecom.ServiceDefaults.Privacy;

namespace Ecom.Ingestion.Vocabulary;

/// <summary>Who a customer is: identify events, and links that other events show.</summary>
internal sealed class IdentityMapping(PersonalData personal)
{
    public Mapped Identified(Envelope envelope)
    {
        if (envelope.CustomerId is not { } customerId)
        {
            envelope.Traits.Fault.Set(new Rejection(Reasons.UserIdMissing, "$.userId"));
            return new Mapped(nameof(CustomerIdentified), null);
        }

        var traits = envelope.Traits;
        var email = personal.Email(traits.Text("email"));
        var country = traits.Text("country") ?? Address(traits)?.Text("country");
        var identified = new CustomerIdentified
        {
            EventId = envelope.EventId,
            CustomerId = customerId,
            AnonymousId = envelope.AnonymousId,
            Country = Countries.Code(country),
            EmailHash = email?.Hash,
            EmailDomain = email?.Derived,
            RegisteredAt = traits.Time("createdAt") ?? traits.Time("created_at"),
            Source = envelope.Source,
            IdentifiedAt = envelope.OccurredAt,
            ReceivedAt = envelope.Receipt.ReceivedAt,
            Backfill = envelope.Backfill,
            PartitionKey = customerId,
            TraceParent = envelope.Receipt.TraceParent,
        };
        return new Mapped(nameof(CustomerIdentified), identified)
        {
            PhoneHash = personal.Opaque(PersonalKind.Phone, traits.Text("phone"))?.Hash,
        };
    }

    /// <summary>The link that an event shows by naming both ids; null if it names one.</summary>
    public static CustomerIdentified? Link(Envelope envelope) =>
        envelope is not { CustomerId: { } customerId, AnonymousId: { } anonymousId }
            ? null
            : new CustomerIdentified
            {
                EventId = Guid.CreateVersion7(envelope.Receipt.ReceivedAt),
                CustomerId = customerId,
                AnonymousId = anonymousId,
                Source = envelope.Source,
                IdentifiedAt = envelope.OccurredAt,
                ReceivedAt = envelope.Receipt.ReceivedAt,
                Backfill = envelope.Backfill,
                PartitionKey = customerId,
                TraceParent = envelope.Receipt.TraceParent,
            };

    // Segment's address is an object; shops also send one line of text, which says no country.
    private static Fields? Address(Fields traits) => traits.IsObject("address") ? traits.Object("address") : null;
}
