using Ecom.Contracts.Fraud;

namespace Ecom.Fraud.Alerts;

/// <summary>How urgent an alert is.</summary>
internal static class Severity
{
    /// <summary>
    /// Low for a review, medium for one with a high score, high for a block; a step more for many payments, and a step
    /// more for much money.
    /// </summary>
    /// <param name="decision">The hardest decision on a payment of the alert.</param>
    /// <param name="score">The highest score.</param>
    /// <param name="occurrences">Payments.</param>
    /// <param name="amountAtRisk">Minor units of the base currency.</param>
    /// <param name="options">Where the steps are.</param>
    public static FraudSeverity Of(
        FraudDecision decision, double score, int occurrences, long amountAtRisk, AlertOptions options)
    {
        var steps = decision == FraudDecision.Block ? 2 : score >= options.MediumScore ? 1 : 0;
        steps += occurrences >= options.ManyOccurrences ? 1 : 0;
        steps += amountAtRisk >= options.LargeAmount ? 1 : 0;
        return (FraudSeverity)Math.Min(steps, (int)FraudSeverity.Critical);
    }

    /// <summary>As it stands in routing keys.</summary>
    public static string Word(FraudSeverity severity) => severity.ToString().ToLowerInvariant();
}
