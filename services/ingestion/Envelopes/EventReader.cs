using System.Text.Json;
using Ecom.Contracts.Customers;
using Ecom.Ingestion.Cleaning;
using Ecom.Ingestion.Vocabulary;
using Ecom.ServiceDefaults.Privacy;

namespace Ecom.Ingestion.Envelopes;

/// <summary>
/// Bytes of one event → a contract message, or the reason why not. Pure: it reads no clock and keeps nothing.
/// </summary>
internal sealed class EventReader(
    EventVocabulary vocabulary, PersonalData personal, int largestEventBytes, int deepestEvent)
{
    private const string Unknown = "unknown";

    /// <param name="json">One well-formed JSON value.</param>
    /// <param name="receipt">What the request says.</param>
    /// <param name="type">The event's type where the address states it; null to read it from the event.</param>
    public ReadEvent Read(ReadOnlyMemory<byte> json, Receipt receipt, string? type = null)
    {
        var eventId = Guid.CreateVersion7(receipt.ReceivedAt);
        if (json.Length > largestEventBytes)
        {
            return Unreadable(eventId, receipt, new Rejection(
                Reasons.EventTooLarge, "$", $"{json.Length} bytes, at most {largestEventBytes}"));
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = deepestEvent });
        }
        catch (JsonException)
        {
            // The caller has seen that it is well-formed, so only the depth is left.
            return Unreadable(eventId, receipt, new Rejection(
                Reasons.EventTooDeep, "$", $"at most {deepestEvent} levels"));
        }

        using (document)
        {
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Read(document.RootElement, eventId, receipt, type)
                : Unreadable(eventId, receipt, new Rejection(Reasons.NotAnObject, "$"));
        }
    }

    private ReadEvent Read(JsonElement json, Guid eventId, Receipt receipt, string? type)
    {
        var fault = new Fault();
        var root = new Fields(json, "$", fault);
        var name = root.Text("event");
        type ??= root.Text("type") ?? (name is null ? null : "track");
        var entry = vocabulary.Find(root, type, name);
        var envelope = Envelope.Read(root, eventId, receipt, personal);
        if (entry is { NeedsUser: true } && envelope.CustomerId is null && envelope.AnonymousId is null)
        {
            fault.Set(new Rejection(Reasons.MissingUser, "$", "neither userId nor anonymousId"));
        }

        var mapped = fault.Rejection is null ? entry?.Map(envelope) : null;
        var read = new ReadEvent
        {
            EventId = eventId,
            MessageId = envelope.MessageId.Length > CleanText.LongestId ? eventId.ToString() : envelope.MessageId,
            Client = receipt.Client,
            Kind = mapped?.Kind ?? Name(type, name),
            CustomerId = Storable(envelope.CustomerId),
            AnonymousId = Storable(envelope.AnonymousId),
            OccurredAt = envelope.OccurredAt,
            ReceivedAt = receipt.ReceivedAt,
            SentAt = receipt.SentAt,
            TraceParent = receipt.TraceParent,
            Backfill = envelope.Backfill,
            LineCount = mapped is { LineCount: > 0 } ? mapped.LineCount : CountLines(json, entry),
            RejectedLines = mapped?.RejectedLines ?? [],
        };

        return fault.Rejection is null && mapped?.Message is { } message
            ? read with
            {
                Message = message,
                OrderId = mapped.OrderId,
                PaymentId = mapped.PaymentId,
                PhoneHash = mapped.PhoneHash,
                Link = message is CustomerIdentified ? null : IdentityMapping.Link(envelope),
            }
            : read with
            {
                Rejection = fault.Rejection,
                Payload = Redaction.Redact(json, personal, ("type", type), ("messageId", read.MessageId)),
            };
    }

    private static ReadEvent Unreadable(Guid eventId, Receipt receipt, Rejection rejection) => new()
    {
        EventId = eventId,
        MessageId = eventId.ToString(),
        Client = receipt.Client,
        Kind = Unknown,
        Rejection = rejection,
        OccurredAt = receipt.ReceivedAt,
        ReceivedAt = receipt.ReceivedAt,
    };

    private static int CountLines(JsonElement json, VocabularyEntry? entry) =>
        entry is { HasLines: true }
        && json.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object
        && properties.TryGetProperty("products", out var products) && products.ValueKind == JsonValueKind.Array
            ? products.GetArrayLength()
            : 0;

    private static string Name(string? type, string? name) =>
        CleanText.Cut((type == "track" ? name : type) ?? Unknown, CleanText.LongestId);

    private static string? Storable(string? id) => id is null ? null : CleanText.Cut(id, CleanText.LongestId);
}
