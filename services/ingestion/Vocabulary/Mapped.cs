using Ecom.Ingestion.Envelopes;

namespace Ecom.Ingestion.Vocabulary;

/// <summary>What the vocabulary made of an event. Without a message the event's fault says why.</summary>
/// <param name="Kind">The interaction kind, or the name of the contract.</param>
/// <param name="Message">The contract message; null if the event is faulty.</param>
internal sealed record Mapped(string Kind, object? Message)
{
    public string? OrderId { get; init; }

    public string? PaymentId { get; init; }

    public string? PhoneHash { get; init; }

    public int LineCount { get; init; }

    public IReadOnlyList<RejectedLine> RejectedLines { get; init; } = [];
}
