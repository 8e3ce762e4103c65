using Ecom.Contracts.Fraud;

namespace Ecom.Fraud.Rules;

/// <summary>What the rules say of a vector.</summary>
/// <param name="Decision">What to do.</param>
/// <param name="Score">Risk in [0, 1].</param>
/// <param name="Reasons">The rules that fit, weightiest first, equal weights by code.</param>
internal sealed record Verdict(FraudDecision Decision, double Score, IReadOnlyList<FraudReason> Reasons);
