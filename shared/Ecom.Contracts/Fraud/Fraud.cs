using System.Text.Json.Serialization;

namespace Ecom.Contracts.Fraud;

/// <summary>What to do with a payment.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FraudDecision>))]
public enum FraudDecision
{
    /// <summary>Let it pass.</summary>
    Allow,

    /// <summary>Let a person look at it.</summary>
    Review,

    /// <summary>Refuse it.</summary>
    Block,
}

/// <summary>Why a payment was judged as it was.</summary>
public sealed record FraudReason
{
    /// <summary>
    /// Stable code: of a rule, for example "card_velocity_1h", or "model:" and the feature that a model's score rests
    /// on.
    /// </summary>
    public required string Code { get; init; }

    /// <summary>One sentence for people.</summary>
    public required string Text { get; init; }

    /// <summary>The value that was seen.</summary>
    public required double Value { get; init; }

    /// <summary>The threshold that it crossed; of a model's reason, what is usual.</summary>
    public required double Threshold { get; init; }

    /// <summary>What the feature adds to the log-odds of fraud; null for a rule.</summary>
    public double? Contribution { get; init; }
}

/// <summary>A payment was judged, once. Published by fraud.</summary>
public sealed record PaymentScored
{
    /// <summary>Payment id.</summary>
    public required string PaymentId { get; init; }

    /// <summary>What to do.</summary>
    public required FraudDecision Decision { get; init; }

    /// <summary>Risk in [0, 1].</summary>
    public required double Score { get; init; }

    /// <summary>Reasons, weightiest first; empty for an unsuspicious payment.</summary>
    public required IReadOnlyList<FraudReason> Reasons { get; init; }

    /// <summary>Version of the rules that decided.</summary>
    public required string DecidedBy { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset ScoredAt { get; init; }

    /// <summary>Version of the model that decided with the rules; null if rules decided alone.</summary>
    public int? ModelVersion { get; init; }

    /// <summary>Why rules decided alone although there is a model; null if they did not.</summary>
    public string? Fallback { get; init; }
}

/// <summary>How urgent an alert is, lowest first. That of an alert only rises.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FraudSeverity>))]
public enum FraudSeverity
{
    /// <summary>For when there is time.</summary>
    Low,

    /// <summary>Today.</summary>
    Medium,

    /// <summary>Within the hour.</summary>
    High,

    /// <summary>Now.</summary>
    Critical,
}

/// <summary>Who and what a suspicious payment came from. Hashes are ingestion's keyed ones.</summary>
public sealed record FraudEntities
{
    /// <summary>Customer id; null if anonymous.</summary>
    public string? CustomerId { get; init; }

    /// <summary>Keyed hash of the card; null if unknown.</summary>
    public string? CardHash { get; init; }

    /// <summary>Device id; null if unknown.</summary>
    public string? DeviceId { get; init; }

    /// <summary>Keyed hash of the address; null if unknown.</summary>
    public string? IpHash { get; init; }
}

/// <summary>
/// A suspicion that a person should see. Published by fraud, also as raw JSON on the exchange fraud.alerts.
/// </summary>
public sealed record FraudAlertRaised
{
    /// <summary>Deterministic id: the same payment gives the same alert.</summary>
    public required Guid AlertId { get; init; }

    /// <summary>Payment id of the first payment.</summary>
    public required string PaymentId { get; init; }

    /// <summary>Order id; null if unknown.</summary>
    public string? OrderId { get; init; }

    /// <summary>Customer id; null if anonymous.</summary>
    public string? CustomerId { get; init; }

    /// <summary>Review or block.</summary>
    public required FraudDecision Decision { get; init; }

    /// <summary>Risk in [0, 1].</summary>
    public required double Score { get; init; }

    /// <summary>The amount of the first payment.</summary>
    public required Money Amount { get; init; }

    /// <summary>Reasons, weightiest first.</summary>
    public required IReadOnlyList<FraudReason> Reasons { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset RaisedAt { get; init; }

    /// <summary>Trace id of the payment's request; null if not sampled.</summary>
    public string? TraceId { get; init; }

    /// <summary>
    /// Entity, leading reason and begin of the window, for example "device:d-7|device_ring|2026-03-01T10:01:30Z":
    /// payments of the same entity and reason within the window join the alert. Null in alerts of before it existed.
    /// </summary>
    public string? DedupKey { get; init; }

    /// <summary>How urgent; null in alerts of before it existed.</summary>
    public FraudSeverity? Severity { get; init; }

    /// <summary>Payments of the alert: 1 when it is raised.</summary>
    public int Occurrences { get; init; } = 1;

    /// <summary>Who and what the first payment came from.</summary>
    public FraudEntities? Entities { get; init; }

    /// <summary>What is at stake over all payments of the alert, in the base currency.</summary>
    public Money? AmountAtRisk { get; init; }

    /// <summary>Rises by one with each change of the alert; 1 when it is raised.</summary>
    public int Version { get; init; } = 1;

    /// <summary>When the first payment was tried, UTC: event time.</summary>
    public DateTimeOffset? OccurredAt { get; init; }

    /// <summary>Version of the rules that decided.</summary>
    public string? DecidedBy { get; init; }

    /// <summary>Version of the model that decided with the rules; null if rules decided alone.</summary>
    public int? ModelVersion { get; init; }

    /// <summary>Why rules decided alone although there is a model; null if they did not.</summary>
    public string? Fallback { get; init; }

    /// <summary>True if what is remembered was being rebuilt when it was decided.</summary>
    public bool Degraded { get; init; }

    /// <summary>The case that the alert opened or joined.</summary>
    public Guid? CaseId { get; init; }

    /// <summary>
    /// The ring of customers that the payment is of, if the alert is that of the whole ring: payments of all its
    /// customers join. Null if it is of none.
    /// </summary>
    public Guid? RingId { get; init; }

    /// <summary>Customers of the ring, that of the payment included; null if it is of none.</summary>
    public int? RingCustomers { get; init; }
}

/// <summary>
/// An alert changed: a further payment, a higher severity, another state. Published by fraud, also as raw JSON on the
/// exchange fraud.alerts.
/// </summary>
public sealed record FraudAlertUpdated
{
    /// <summary>The alert.</summary>
    public required Guid AlertId { get; init; }

    /// <summary>State now: "open", "confirmed", "dismissed", "closed" (without a verdict: see the outcome).</summary>
    public required string State { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The alert's version after the change: of two updates the higher one is the newer.</summary>
    public int Version { get; init; } = 1;

    /// <summary>
    /// What happened: "occurred", "escalated", "acknowledged", "assigned", "resolved", "reopened", "merged"; null in
    /// updates of before it existed.
    /// </summary>
    public string? Change { get; init; }

    /// <summary>As in <see cref="FraudAlertRaised.DedupKey"/>.</summary>
    public string? DedupKey { get; init; }

    /// <summary>How urgent now.</summary>
    public FraudSeverity? Severity { get; init; }

    /// <summary>The hardest decision on a payment of the alert.</summary>
    public FraudDecision? Decision { get; init; }

    /// <summary>The highest score of a payment of the alert, in [0, 1].</summary>
    public double? Score { get; init; }

    /// <summary>Payments of the alert so far.</summary>
    public int? Occurrences { get; init; }

    /// <summary>What is at stake over all payments of the alert, in the base currency.</summary>
    public Money? AmountAtRisk { get; init; }

    /// <summary>The payment that joined; null if the change is another.</summary>
    public string? PaymentId { get; init; }

    /// <summary>Reasons of the payment that joined, weightiest first; null if the change is another.</summary>
    public IReadOnlyList<FraudReason>? Reasons { get; init; }

    /// <summary>Who works on it; null if nobody.</summary>
    public string? Assignee { get; init; }

    /// <summary>"confirmed_fraud", "suspected", "false_positive" or "inconclusive"; null while open.</summary>
    public string? Outcome { get; init; }

    /// <summary>The case of the alert.</summary>
    public Guid? CaseId { get; init; }

    /// <summary>
    /// The ring whose alert it is; of an alert that was raised of one customer, since the ring was seen. Null if it is
    /// of none.
    /// </summary>
    public Guid? RingId { get; init; }

    /// <summary>Customers of the ring at its last payment; null if it is of none.</summary>
    public int? RingCustomers { get; init; }

    /// <summary>
    /// The alert that holds its payments from now on, when it was merged: that of the ring. Its state is "closed".
    /// </summary>
    public Guid? MergedInto { get; init; }

    /// <summary>Client whose key made the change; null if a payment did.</summary>
    public string? By { get; init; }

    /// <summary>Trace id of the request that caused the change; null if not sampled.</summary>
    public string? TraceId { get; init; }
}

/// <summary>A case was closed; an outcome that is a verdict is a label. Published by fraud.</summary>
public sealed record FraudCaseClosed
{
    /// <summary>The case.</summary>
    public required Guid CaseId { get; init; }

    /// <summary>
    /// True if it was fraud. False says that it was not only if the outcome is "false_positive", or null.
    /// </summary>
    public required bool Fraud { get; init; }

    /// <summary>The alerts of the case.</summary>
    public required IReadOnlyList<Guid> AlertIds { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset ClosedAt { get; init; }

    /// <summary>
    /// "confirmed_fraud", "suspected", "false_positive" or "inconclusive"; null in messages of before it existed.
    /// </summary>
    public string? Outcome { get; init; }

    /// <summary>The case's version: one that was reopened and closed again has a higher one.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Client whose key closed it.</summary>
    public string? ClosedBy { get; init; }

    /// <summary>What was written at closing; null if nothing.</summary>
    public string? Note { get; init; }
}
