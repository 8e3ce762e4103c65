using Ecom.Contracts;
using Ecom.Contracts.Fraud;

namespace Ecom.Fraud.Alerts;

/// <summary>An alert with its state.</summary>
internal sealed record Alert
{
    /// <summary>Where it stands in the order of raising: the cursor.</summary>
    public required long Position { get; init; }

    /// <summary>
    /// open, confirmed (it was fraud), dismissed (it was not) or closed (nobody knows: see <see cref="Outcome"/>).
    /// </summary>
    public required string State { get; init; }

    /// <summary>confirmed_fraud, suspected, false_positive or inconclusive; null while open.</summary>
    public required string? Outcome { get; init; }

    /// <summary>What the person who closed it wrote; null if nothing.</summary>
    public required string? Note { get; init; }

    /// <summary>Entity, leading reason and begin of the window: further payments of it join the alert.</summary>
    public required string DedupKey { get; init; }

    public required FraudSeverity Severity { get; init; }

    /// <summary>The hardest decision on its payments.</summary>
    public required FraudDecision Decision { get; init; }

    /// <summary>The highest score of its payments, in [0, 1].</summary>
    public required double Score { get; init; }

    /// <summary>Payments so far.</summary>
    public required int Occurrences { get; init; }

    /// <summary>What is at stake over all of them, in the base currency.</summary>
    public required Money AmountAtRisk { get; init; }

    /// <summary>Rises with each change; send it back as If-Match or <c>version</c> to change what you saw.</summary>
    public required int Version { get; init; }

    public required DateTimeOffset? AcknowledgedAt { get; init; }

    public required string? AcknowledgedBy { get; init; }

    public required string? Assignee { get; init; }

    /// <summary>The case that it is in; null for an alert of before there were cases.</summary>
    public required Guid? CaseId { get; init; }

    /// <summary>When its last payment was tried.</summary>
    public required DateTimeOffset LastAt { get; init; }

    public required DateTimeOffset? ClosedAt { get; init; }

    public required string? ClosedBy { get; init; }

    /// <summary>The ring whose campaign it is; null if it is of none.</summary>
    public required Guid? RingId { get; init; }

    /// <summary>Customers of the ring at the last payment.</summary>
    public required int? RingCustomers { get; init; }

    /// <summary>The alert that its payments are in now, when it turned out to be part of a campaign.</summary>
    public required Guid? MergedInto { get; init; }

    /// <summary>The alert as it was raised.</summary>
    public required FraudAlertRaised Raised { get; init; }
}

/// <summary>A payment of an alert.</summary>
internal sealed record AlertPayment
{
    public required string PaymentId { get; init; }

    /// <summary>Minor units of the base currency.</summary>
    public required long BaseAmount { get; init; }

    public required DateTimeOffset OccurredAt { get; init; }
}

/// <summary>Which alerts a list has; what is null does not matter.</summary>
internal sealed record AlertFilter
{
    public string? State { get; init; }

    public FraudSeverity? Severity { get; init; }

    public FraudDecision? Decision { get; init; }

    public string? Customer { get; init; }

    public string? Device { get; init; }

    public string? Reason { get; init; }

    public string? Assignee { get; init; }

    public Guid? CaseId { get; init; }

    public DateTimeOffset? Since { get; init; }

    public DateTimeOffset? Until { get; init; }
}
