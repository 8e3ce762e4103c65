namespace Ecom.Ingestion.Envelopes;

/// <summary>How an event came in: what the request says about every event in it.</summary>
/// <param name="Client">The key's client: with the message id it names the event.</param>
/// <param name="ReceivedAt">Time of receipt, UTC, whole microseconds.</param>
/// <param name="SentAt">The batch's time of sending, for events that state none.</param>
/// <param name="TraceParent">W3C trace context of the request; null if it is not sampled.</param>
internal sealed record Receipt(
    string Client, DateTimeOffset ReceivedAt, DateTimeOffset? SentAt = null, string? TraceParent = null);
