using System.Globalization;
using Ecom.Contracts.Fraud;
using Ecom.Fraud.Rules;

namespace Ecom.UnitTests.Fraud;

/// <summary>
/// The default rules as a release had them that knew only features and thresholds: what the expressions must mean.
/// </summary>
internal static class ThresholdRules
{
    private static readonly Threshold[] _rules =
    [
        .. new Threshold[]
        {
            new("card_velocity_1h", "card_payments_1h", 4, 0.5),
            new("card_velocity_1d", "card_payments_1d", 8, 0.4),
            new("card_failures_1h", "card_failures_1h", 3, 0.6),
            new("card_shared", "card_customers_7d_with_this", 3, 0.6),
            new("device_cards_1h", "device_cards_1h_with_this", 4, 0.7),
            new("device_ring", "device_customers_7d_with_this", 3, 0.6, FraudDecision.Review,
                vector => (vector["ring_new_customers_7d_with_this"] ?? 2) >= 2),
            new("device_crowd", "device_customers_1d_with_this", 6, 0.9, FraudDecision.Block),
            new("ring_growth", "ring_new_customers_1d_with_this", 3, 0.6, FraudDecision.Review),
            new("ring_growth_7d", "ring_new_customers_7d_with_this", 5, 0.5, FraudDecision.Review),
            new("ring_farm", "ring_new_customers_1d_with_this", 6, 0.9, FraudDecision.Block,
                vector => vector["ring_cards_with_this"] * 2 <= vector["ring_customers_with_this"]),
            new("ip_cards_1h", "ip_cards_1h_with_this", 5, 0.6),
            new("ip_failures_1h", "ip_failures_1h", 5, 0.5),
            new("ip_customers_1d", "ip_customers_1d_with_this", 8, 0.25),
            new("card_testing", "device_failures_1h", 5, 0.9, FraudDecision.Block,
                vector => vector["device_mean_amount_1h"] <= 1_000),
            new("customer_velocity_1d", "customer_payments_1d", 8, 0.3),
            new("customer_failures_1h", "customer_failures_1h", 3, 0.35),
            new("customer_cards_7d", "customer_cards_7d_with_this", 4, 0.4),
            new("amount_unusual", "amount_over_customer_mean", 5, 0.4, FraudDecision.Allow,
                vector => vector["customer_payments_365d"] >= 3),
            new("card_abroad", "card_country_differs_from_ip", 1, 0.3),
            new("card_abroad_new_customer", "customer_is_new", 1, 0.35, FraudDecision.Allow,
                vector => vector["shipping_country_differs_from_billing"] >= 1),
            new("billing_differs", "billing_country_differs_from_card", 1, 0.2),
            new("shipping_differs", "shipping_country_differs_from_billing", 1, 0.15),
        }.OrderByDescending(rule => rule.Weight).ThenBy(rule => rule.Code, StringComparer.Ordinal),
    ];

    public static Verdict Judge(IReadOnlyDictionary<string, double?> vector)
    {
        var innocence = 1.0;
        var least = FraudDecision.Allow;
        var reasons = new List<FraudReason>();
        foreach (var rule in _rules)
        {
            if (vector[rule.Feature] >= rule.AtLeast && rule.Also?.Invoke(vector) != false)
            {
                innocence *= 1 - rule.Weight;
                least = rule.Action > least ? rule.Action : least;
                var value = vector[rule.Feature]!.Value;
                reasons.Add(new FraudReason
                {
                    Code = rule.Code,
                    Text = DefaultRules.Make()[rule.Code].Text.Replace(
                        "{value}", value.ToString("0.##", CultureInfo.InvariantCulture), StringComparison.Ordinal),
                    Value = value,
                    Threshold = rule.AtLeast,
                });
            }
        }

        var score = 1 - innocence;
        var byScore = score >= 0.9 ? FraudDecision.Block
            : score >= 0.5 ? FraudDecision.Review
            : FraudDecision.Allow;
        return new Verdict(least > byScore ? least : byScore, score, reasons);
    }

    private sealed record Threshold(
        string Code,
        string Feature,
        double AtLeast,
        double Weight,
        FraudDecision Action = FraudDecision.Allow,
        Func<IReadOnlyDictionary<string, double?>, bool>? Also = null);
}
