using Ecom.Contracts.Fraud;

namespace Ecom.Fraud.Rules;

/// <summary>What rules, or rules and model, say of a payment.</summary>
/// <param name="Decision">What to do.</param>
/// <param name="Score">Risk in [0, 1].</param>
/// <param name="Reasons">The rules that fit, weightiest first, equal weights by code.</param>
internal sealed record Verdict(FraudDecision Decision, double Score, IReadOnlyList<FraudReason> Reasons)
{
    /// <summary>A rule that allows holds: it goes before everything.</summary>
    public bool IsCleared { get; init; }
}
