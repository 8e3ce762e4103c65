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
    /// <summary>Stable code, for example "card_velocity_1h".</summary>
    public required string Code { get; init; }

    /// <summary>One sentence for people.</summary>
    public required string Text { get; init; }

    /// <summary>The value that was seen.</summary>
    public required double Value { get; init; }

    /// <summary>The threshold that it crossed.</summary>
    public required double Threshold { get; init; }
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

    /// <summary>Version of the rules, or of the model, that decided.</summary>
    public required string DecidedBy { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset ScoredAt { get; init; }
}

/// <summary>
/// A suspicion that a person should see. Published by fraud, also as raw JSON on the exchange fraud.alerts.
/// </summary>
public sealed record FraudAlertRaised
{
    /// <summary>Deterministic id: the same payment gives the same alert.</summary>
    public required Guid AlertId { get; init; }

    /// <summary>Payment id.</summary>
    public required string PaymentId { get; init; }

    /// <summary>Order id; null if unknown.</summary>
    public string? OrderId { get; init; }

    /// <summary>Customer id; null if anonymous.</summary>
    public string? CustomerId { get; init; }

    /// <summary>Review or block.</summary>
    public required FraudDecision Decision { get; init; }

    /// <summary>Risk in [0, 1].</summary>
    public required double Score { get; init; }

    /// <summary>What is at stake.</summary>
    public required Money Amount { get; init; }

    /// <summary>Reasons, weightiest first.</summary>
    public required IReadOnlyList<FraudReason> Reasons { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset RaisedAt { get; init; }

    /// <summary>Trace id of the payment's request; null if not sampled.</summary>
    public string? TraceId { get; init; }
}

/// <summary>An alert changed: more reasons, another state. Published by fraud.</summary>
public sealed record FraudAlertUpdated
{
    /// <summary>The alert.</summary>
    public required Guid AlertId { get; init; }

    /// <summary>State now: "open", "confirmed", "dismissed".</summary>
    public required string State { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>A case was closed with a verdict, which is a label. Published by fraud.</summary>
public sealed record FraudCaseClosed
{
    /// <summary>The case.</summary>
    public required Guid CaseId { get; init; }

    /// <summary>True if it was fraud.</summary>
    public required bool Fraud { get; init; }

    /// <summary>The alerts of the case.</summary>
    public required IReadOnlyList<Guid> AlertIds { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset ClosedAt { get; init; }
}
