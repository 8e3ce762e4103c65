using System.ComponentModel.DataAnnotations;
using Ecom.Contracts.Fraud;

namespace Ecom.Fraud.Cases;

/// <summary>Section <c>Fraud:Cases</c>: how soon a case must be closed, by its severity.</summary>
internal sealed class CaseOptions
{
    /// <summary>Default 3 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "90.00:00:00")]
    public TimeSpan LowWithin { get; init; } = TimeSpan.FromDays(3);

    /// <summary>Default 1 day.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "90.00:00:00")]
    public TimeSpan MediumWithin { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Default 8 hours.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "90.00:00:00")]
    public TimeSpan HighWithin { get; init; } = TimeSpan.FromHours(8);

    /// <summary>Default 2 hours.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "90.00:00:00")]
    public TimeSpan CriticalWithin { get; init; } = TimeSpan.FromHours(2);

    /// <summary>How soon after its opening a case of this severity must be closed.</summary>
    public TimeSpan Within(FraudSeverity severity) => severity switch
    {
        FraudSeverity.Low => LowWithin,
        FraudSeverity.Medium => MediumWithin,
        FraudSeverity.High => HighWithin,
        _ => CriticalWithin,
    };
}
