using Ecom.Contracts;
using Ecom.Contracts.Fraud;

namespace Ecom.Fraud.Cases;

/// <summary>States of cases.</summary>
internal static class CaseState
{
    public const string Open = "open";
    public const string Investigating = "investigating";
    public const string Closed = "closed";

    /// <summary>Its alerts are in another case now.</summary>
    public const string Merged = "merged";

    public static IReadOnlyList<string> All { get; } = [Open, Investigating, Closed, Merged];
}

/// <summary>A row of <c>cases</c>, with what its alerts add up to.</summary>
internal sealed record CaseRow
{
    /// <summary>Goes with <c>from cases c</c> and <see cref="Alerts"/>.</summary>
    public const string Columns = """
        c.case_id, c.position, c.state, c.outcome, c.customer_id, c.device_id, c.assignee, c.locked_by,
        c.locked_until, c.snoozed_until, c.snoozed_severity, c.merged_into, c.note, c.version, c.opened_at,
        c.changed_at, c.closed_at, c.closed_by, a.alert_count, a.payment_count, a.severity, a.base_amount,
        a.base_currency
        """;

    public const string Alerts = """
        left join lateral (
            select count(*)::integer as alert_count, coalesce(sum(occurrences), 0)::integer as payment_count,
                coalesce(max(severity), 0)::smallint as severity, coalesce(sum(base_amount), 0)::bigint as base_amount,
                min(base_currency) as base_currency
            from alerts where alerts.case_id = c.case_id and merged_into is null) a on true
        """;

    public required Guid CaseId { get; init; }

    public required long Position { get; init; }

    public required string State { get; init; }

    public required string? Outcome { get; init; }

    public required string? CustomerId { get; init; }

    public required string? DeviceId { get; init; }

    public required string? Assignee { get; init; }

    public required string? LockedBy { get; init; }

    public required DateTimeOffset? LockedUntil { get; init; }

    public required DateTimeOffset? SnoozedUntil { get; init; }

    public required short? SnoozedSeverity { get; init; }

    public required Guid? MergedInto { get; init; }

    public required string? Note { get; init; }

    public required int Version { get; init; }

    public required DateTimeOffset OpenedAt { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    public required DateTimeOffset? ClosedAt { get; init; }

    public required string? ClosedBy { get; init; }

    public required int AlertCount { get; init; }

    public required int PaymentCount { get; init; }

    public required short Severity { get; init; }

    public required long BaseAmount { get; init; }

    public required string? BaseCurrency { get; init; }

    public bool IsActive => State is CaseState.Open or CaseState.Investigating;

    public bool IsSnoozed(DateTimeOffset now) => SnoozedUntil > now && Severity <= (SnoozedSeverity ?? 0);

    /// <summary>When it must be closed; null if it is. Who put it off has until it wakes.</summary>
    public DateTimeOffset? DueAt(CaseOptions options, DateTimeOffset now)
    {
        if (!IsActive)
        {
            return null;
        }

        var due = OpenedAt + options.Within((FraudSeverity)Severity);
        return IsSnoozed(now) && SnoozedUntil > due ? SnoozedUntil : due;
    }

    public Case ToCase(CaseOptions options, DateTimeOffset now) => new()
    {
        CaseId = CaseId,
        Position = Position,
        State = State,
        Outcome = Outcome,
        Severity = (FraudSeverity)Severity,
        Alerts = AlertCount,
        Payments = PaymentCount,
        AmountAtRisk = BaseCurrency is { } currency
            ? new Money
            {
                Amount = BaseAmount,
                Currency = currency,
                BaseAmount = BaseAmount,
                BaseCurrency = currency,
            }
            : null,
        CustomerId = CustomerId,
        DeviceId = DeviceId,
        Assignee = Assignee,
        LockedBy = LockedUntil > now ? LockedBy : null,
        LockedUntil = LockedUntil > now ? LockedUntil : null,
        SnoozedUntil = IsSnoozed(now) ? SnoozedUntil : null,
        DueAt = DueAt(options, now),
        MergedInto = MergedInto,
        Note = Note,
        Version = Version,
        OpenedAt = OpenedAt,
        ChangedAt = ChangedAt,
        ClosedAt = ClosedAt,
        ClosedBy = ClosedBy,
    };
}

/// <summary>A case: alerts that one person works on together.</summary>
internal sealed record Case
{
    public required Guid CaseId { get; init; }

    /// <summary>Where it stands in the order of opening: the cursor.</summary>
    public required long Position { get; init; }

    /// <summary>open, investigating, closed or merged.</summary>
    public required string State { get; init; }

    /// <summary>confirmed_fraud, suspected, false_positive or inconclusive; null until closed.</summary>
    public required string? Outcome { get; init; }

    /// <summary>The highest of its alerts.</summary>
    public required FraudSeverity Severity { get; init; }

    /// <summary>How many; <c>GET /v1/alerts?case=</c> lists them.</summary>
    public required int Alerts { get; init; }

    public required int Payments { get; init; }

    /// <summary>Over all payments, in the base currency; null without alerts.</summary>
    public required Money? AmountAtRisk { get; init; }

    public required string? CustomerId { get; init; }

    public required string? DeviceId { get; init; }

    public required string? Assignee { get; init; }

    /// <summary>Client that has it locked; null if nobody.</summary>
    public required string? LockedBy { get; init; }

    public required DateTimeOffset? LockedUntil { get; init; }

    /// <summary>Put off until then; null if not, or if it has become more severe since.</summary>
    public required DateTimeOffset? SnoozedUntil { get; init; }

    /// <summary>When it must be closed, by its severity; null if it is. A reopened case is due as it was.</summary>
    public required DateTimeOffset? DueAt { get; init; }

    public required Guid? MergedInto { get; init; }

    /// <summary>What was written when it was closed.</summary>
    public required string? Note { get; init; }

    /// <summary>Rises with each change; send it back as If-Match or <c>version</c> to change what you saw.</summary>
    public required int Version { get; init; }

    public required DateTimeOffset OpenedAt { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    public required DateTimeOffset? ClosedAt { get; init; }

    public required string? ClosedBy { get; init; }
}

/// <summary>What somebody wrote on a case.</summary>
internal sealed record CaseNote
{
    public required long Position { get; init; }

    public required string Author { get; init; }

    public required string Body { get; init; }

    public required DateTimeOffset At { get; init; }
}

/// <summary>What happened to a case, as streams and webhooks are told.</summary>
internal sealed record CaseEvent
{
    public required Guid CaseId { get; init; }

    public required int Version { get; init; }

    /// <summary>opened, joined, or what was done: <see cref="CaseAction"/>.</summary>
    public required string Change { get; init; }

    public required string State { get; init; }

    public string? Outcome { get; init; }

    public string? Assignee { get; init; }

    /// <summary>The alert that opened or joined it.</summary>
    public Guid? AlertId { get; init; }

    /// <summary>The case that it was merged with.</summary>
    public Guid? OtherCaseId { get; init; }

    /// <summary>Reason, note or remark.</summary>
    public string? Text { get; init; }

    public DateTimeOffset? Until { get; init; }

    public string? By { get; init; }

    public required DateTimeOffset At { get; init; }
}
