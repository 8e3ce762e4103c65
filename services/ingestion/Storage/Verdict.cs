using Ecom.Ingestion.Envelopes;

namespace Ecom.Ingestion.Storage;

/// <summary>What became of one event, once it is on disk.</summary>
/// <param name="Status">Accepted, duplicate or rejected.</param>
/// <param name="EventId">Our id: of the event, of the first one if it is a duplicate, of the rejection.</param>
/// <param name="Rejection">Why it was rejected; else null.</param>
internal sealed record Verdict(VerdictStatus Status, Guid EventId, Rejection? Rejection = null);

/// <summary>The three ends of an event.</summary>
internal enum VerdictStatus
{
    Accepted,
    Duplicate,
    Rejected,
}
