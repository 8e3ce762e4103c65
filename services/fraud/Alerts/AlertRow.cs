using System.Diagnostics;
using System.Text.Json;
using Ecom.Contracts;
using Ecom.Contracts.Fraud;
using Ecom.Fraud.Payments;
using Ecom.ServiceDefaults.Messaging;

namespace Ecom.Fraud.Alerts;

/// <summary>A row of <c>alerts</c>, and what others are told of it.</summary>
internal sealed record AlertRow
{
    public const string Columns = """
        position, alert_id, state, note, outcome, severity, decision, score, occurrences, base_amount, base_currency,
        dedup_base, window_start, version, acknowledged_at, acknowledged_by, assignee, closed_at, closed_by, last_at,
        case_id, body, reason_codes, ring_id, ring_customers, merged_into
        """;

    public required long Position { get; init; }

    public required Guid AlertId { get; init; }

    public required string State { get; init; }

    public required string? Note { get; init; }

    public required string? Outcome { get; init; }

    public required short Severity { get; init; }

    public required string Decision { get; init; }

    public required double Score { get; init; }

    public required int Occurrences { get; init; }

    public required long BaseAmount { get; init; }

    public required string BaseCurrency { get; init; }

    public required string DedupBase { get; init; }

    public required DateTimeOffset WindowStart { get; init; }

    public required int Version { get; init; }

    public required DateTimeOffset? AcknowledgedAt { get; init; }

    public required string? AcknowledgedBy { get; init; }

    public required string? Assignee { get; init; }

    public required DateTimeOffset? ClosedAt { get; init; }

    public required string? ClosedBy { get; init; }

    public required DateTimeOffset LastAt { get; init; }

    public required Guid? CaseId { get; init; }

    public required string Body { get; init; }

    public required string[] ReasonCodes { get; init; }

    public required Guid? RingId { get; init; }

    public required int? RingCustomers { get; init; }

    public required Guid? MergedInto { get; init; }

    public FraudSeverity Urgency => (FraudSeverity)Severity;

    public Alert ToAlert() => new()
    {
        Position = Position,
        State = State,
        Note = Note,
        Outcome = Outcome,
        DedupKey = AlertKey.Of(DedupBase, WindowStart),
        Severity = Urgency,
        Decision = Enum.Parse<FraudDecision>(Decision),
        Score = Score,
        Occurrences = Occurrences,
        AmountAtRisk = AmountAtRisk(),
        Version = Version,
        AcknowledgedAt = AcknowledgedAt,
        AcknowledgedBy = AcknowledgedBy,
        Assignee = Assignee,
        CaseId = CaseId,
        LastAt = LastAt,
        ClosedAt = ClosedAt,
        ClosedBy = ClosedBy,
        RingId = RingId,
        RingCustomers = RingCustomers,
        MergedInto = MergedInto,
        Raised = JsonSerializer.Deserialize<FraudAlertRaised>(Body, JsonSerializerOptions.Web)!,
    };

    /// <summary>The update that tells others how the alert is now.</summary>
    public FraudAlertUpdated ToUpdate(string change, DateTimeOffset now, string? by = null) => new()
    {
        AlertId = AlertId,
        State = State,
        UpdatedAt = now,
        Version = Version,
        Change = change,
        DedupKey = AlertKey.Of(DedupBase, WindowStart),
        Severity = Urgency,
        Decision = Enum.Parse<FraudDecision>(Decision),
        Score = Score,
        Occurrences = Occurrences,
        AmountAtRisk = AmountAtRisk(),
        Assignee = Assignee,
        Outcome = Outcome,
        CaseId = CaseId,
        RingId = RingId,
        RingCustomers = RingCustomers,
        MergedInto = MergedInto,
        By = by,
        TraceId = Activity.Current is { Recorded: true } current ? current.TraceId.ToHexString() : null,
    };

    private Money AmountAtRisk() => new()
    {
        Amount = BaseAmount,
        Currency = BaseCurrency,
        BaseAmount = BaseAmount,
        BaseCurrency = BaseCurrency,
    };
}

/// <summary>What others are told of an alert: on the bus, and as an event.</summary>
internal sealed record Told(OutboxMessage Message, NewEvent Event)
{
    public static Told Of(FraudAlertRaised alert, string? traceParent) => new(
        new OutboxMessage(alert.AlertId, alert, traceParent),
        new NewEvent
        {
            EventId = alert.AlertId,
            AlertId = alert.AlertId,
            Kind = EventKinds.AlertRaised,
            Version = alert.Version,
            Body = JsonSerializer.Serialize(alert, JsonSerializerOptions.Web),
            MessageType = nameof(FraudAlertRaised),
            RoutingKey = $"alert.raised.{Alerts.Severity.Word(alert.Severity!.Value)}",
            TraceParent = traceParent,
            At = alert.RaisedAt,
        });

    public static Told Of(FraudAlertUpdated update)
    {
        var traceParent = Activity.Current is { Recorded: true } current ? current.Id : null;
        var id = PaymentIds.AlertUpdate(update.AlertId, update.Version);
        return new Told(
            new OutboxMessage(id, update, traceParent),
            new NewEvent
            {
                EventId = id,
                AlertId = update.AlertId,
                Kind = update.Change == AlertChange.Escalated ? EventKinds.AlertEscalated : EventKinds.AlertUpdated,
                Version = update.Version,
                Body = JsonSerializer.Serialize(update, JsonSerializerOptions.Web),
                MessageType = nameof(FraudAlertUpdated),
                RoutingKey = $"alert.updated.{Alerts.Severity.Word(update.Severity!.Value)}",
                MadeBy = update.By,
                TraceParent = traceParent,
                At = update.UpdatedAt,
            });
    }
}

/// <summary>What can happen to an alert after it was raised.</summary>
internal static class AlertChange
{
    public const string Occurred = "occurred";
    public const string Escalated = "escalated";
    public const string Acknowledged = "acknowledged";
    public const string Assigned = "assigned";
    public const string Resolved = "resolved";
    public const string Reopened = "reopened";
    public const string Merged = "merged";
}
