using System.Text.Json.Serialization;

namespace Ecom.Client;

/// <summary>What became of one event.</summary>
public sealed record EventVerdict
{
    /// <summary>The event's message id.</summary>
    public required string MessageId { get; init; }

    /// <summary>Accepted and duplicate events are on the platform's disk; a rejected one is kept for mending.</summary>
    public required EventStatus Status { get; init; }

    /// <summary>The platform's id: of the event, of the first one if this is a duplicate, of the rejection.</summary>
    public required Guid EventId { get; init; }

    /// <summary>Why it was rejected, for example "missing_user"; null if it was not.</summary>
    public string? Reason { get; init; }

    /// <summary>JSON path of the fault inside the event; null if it was not rejected.</summary>
    public string? Path { get; init; }

    /// <summary>What helps to mend it; may be null.</summary>
    public string? Detail { get; init; }

    /// <summary>Lines of an order that were refused by themselves; empty for others.</summary>
    public IReadOnlyList<RejectedLine> RejectedLines { get; init; } = [];
}

/// <summary>The three ends of an event.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EventStatus>))]
public enum EventStatus
{
    /// <summary>Taken, and on disk.</summary>
    Accepted,

    /// <summary>Taken before under the same message, order or payment id.</summary>
    Duplicate,

    /// <summary>Refused; the reason says why.</summary>
    Rejected,
}

/// <summary>A line that was refused.</summary>
/// <param name="Path">JSON path inside the event.</param>
/// <param name="Reason">For example "price_not_positive".</param>
public sealed record RejectedLine(string Path, string Reason);
