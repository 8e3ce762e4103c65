using Ecom.Contracts;
using Ecom.Ingestion.Cleaning;
using Ecom.ServiceDefaults.Privacy;

namespace Ecom.Ingestion.Envelopes;

/// <summary>What every event states about itself, read and cleaned; the vocabulary maps the rest.</summary>
internal sealed record Envelope
{
    public required Guid EventId { get; init; }

    public required string MessageId { get; init; }

    public required Receipt Receipt { get; init; }

    /// <summary>Event time, UTC; the time of receipt while the stated one is faulty.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    public string? CustomerId { get; init; }

    public string? AnonymousId { get; init; }

    public bool Backfill { get; init; }

    public required Source Source { get; init; }

    public required Fields Properties { get; init; }

    public required Fields Traits { get; init; }

    public required Fields Context { get; init; }

    /// <summary>Customer id, else anonymous id, else what the contract names.</summary>
    public string PartitionKey(string? otherwise = null) => CustomerId ?? AnonymousId ?? otherwise ?? MessageId;

    public static Envelope Read(Fields root, Guid eventId, Receipt receipt, PersonalData personal)
    {
        var context = root.Object("context");
        var backfill = context.Flag("backfill") ?? false;
        var stated = root.Time("originalTimestamp") ?? root.Time("timestamp");
        var sentAt = root.Time("sentAt") ?? receipt.SentAt;
        var (occurredAt, fault) = EventClock.Resolve(stated, sentAt, receipt.ReceivedAt, backfill);
        if (fault is not null)
        {
            root.Fail(fault, root.Lacks("originalTimestamp") ? "timestamp" : "originalTimestamp");
            occurredAt = receipt.ReceivedAt;
        }

        return new Envelope
        {
            EventId = eventId,
            MessageId = root.Id("messageId") ?? eventId.ToString(),
            Receipt = receipt,
            OccurredAt = occurredAt,
            CustomerId = root.Id("userId"),
            AnonymousId = root.Id("anonymousId"),
            Backfill = backfill,
            Source = ReadSource(context, root.Object("properties"), personal),
            Properties = root.Object("properties"),
            Traits = root.Lacks("traits") ? context.Object("traits") : root.Object("traits"),
            Context = context,
        };
    }

    private static Source ReadSource(Fields context, Fields properties, PersonalData personal)
    {
        var ip = personal.Ip(context.Text("ip"));
        return new Source
        {
            SessionId = context.Id("sessionId") ?? properties.Id("session_id"),
            DeviceId = context.Object("device").Id("id"),
            IpHash = ip?.Hash,
            IpNetworkHash = ip?.Derived,
            IpCountry = Countries.Code(context.Text("country")),
            IsBot = Robots.IsRobot(context.Text("userAgent")),
        };
    }
}
