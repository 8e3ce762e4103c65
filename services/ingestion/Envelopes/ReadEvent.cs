using Ecom.Contracts.Customers;

namespace Ecom.Ingestion.Envelopes;

/// <summary>An event after reading: either a contract message or the reason why there is none.</summary>
internal sealed record ReadEvent
{
    /// <summary>Id that ingestion gave.</summary>
    public required Guid EventId { get; init; }

    /// <summary>The sender's id, or ours as text if it gave none: with the client, the key of deduplication.</summary>
    public required string MessageId { get; init; }

    /// <summary>The key's client.</summary>
    public required string Client { get; init; }

    /// <summary>
    /// What it is: the interaction kind or the contract's name; the stated event name if it was refused.
    /// </summary>
    public required string Kind { get; init; }

    /// <summary>The contract message (an <c>Interaction</c> for behaviour); null if refused.</summary>
    public object? Message { get; init; }

    /// <summary>Why it was refused; null if it was not.</summary>
    public Rejection? Rejection { get; init; }

    public string? CustomerId { get; init; }

    public string? AnonymousId { get; init; }

    public required DateTimeOffset OccurredAt { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The batch's time of sending: a replay must correct clocks as the first reading did.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>W3C trace context of the request; null if it is not sampled.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Part of a history import.</summary>
    public bool Backfill { get; init; }

    /// <summary>The order that this event places; an order id is accepted once.</summary>
    public string? OrderId { get; init; }

    /// <summary>The payment that this event attempts; a payment id is accepted once.</summary>
    public string? PaymentId { get; init; }

    /// <summary>What to tell if the event is the first to name both its browser and its customer; else null.</summary>
    public CustomerIdentified? Link { get; init; }

    /// <summary>Keyed hash of the phone number among the traits.</summary>
    public string? PhoneHash { get; init; }

    /// <summary>Lines of an order or refund as sent.</summary>
    public int LineCount { get; init; }

    /// <summary>The lines that were refused.</summary>
    public IReadOnlyList<RejectedLine> RejectedLines { get; init; } = [];

    /// <summary>What is kept of a refused event, personal values sealed; null if nothing can be kept.</summary>
    public string? Payload { get; init; }
}

/// <summary>A line that was refused by itself.</summary>
/// <param name="Reason">One of <see cref="Reasons"/>.</param>
/// <param name="Path">JSON path of the line inside the event.</param>
/// <param name="Payload">The line as sent.</param>
internal sealed record RejectedLine(string Reason, string Path, string Payload);
