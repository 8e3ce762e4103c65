using Ecom.Contracts.Fraud;

namespace Ecom.Fraud.Cases;

/// <summary>Which cases a list has; what is null does not matter.</summary>
internal sealed record CaseFilter
{
    public string? State { get; init; }

    public string? Assignee { get; init; }

    public string? Customer { get; init; }

    public string? Device { get; init; }

    public FraudSeverity? Severity { get; init; }

    public bool? Snoozed { get; init; }

    /// <summary>Whether it is late: <see cref="CaseOptions"/>.</summary>
    public bool? Overdue { get; init; }
}
