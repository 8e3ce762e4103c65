using Ecom.Fraud.Payments;

namespace Ecom.Fraud.Rules;

/// <summary>The rules of a shop that configures none.</summary>
internal static class DefaultRules
{
    public static Dictionary<string, RuleOptions> Make() => new(StringComparer.Ordinal)
    {
        ["card_velocity_1h"] = Rule("card_payments_1h >= 4", 0.5,
            "The card was tried {value} times within the last hour."),
        ["card_velocity_1d"] = Rule("card_payments_1d >= 8", 0.4,
            "The card was tried {value} times within the last day."),
        ["card_failures_1h"] = Rule("card_failures_1h >= 3", 0.6,
            "The card was refused {value} times within the last hour."),
        ["card_shared"] = Rule("card_customers_7d_with_this >= 3", 0.6,
            "{value} customers tried the card within 7 days."),
        ["device_cards_1h"] = Rule("device_cards_1h_with_this >= 4", 0.7,
            "{value} cards were tried on the device within an hour."),
        // A family of old customers is none.
        ["device_ring"] = Rule(
            "device_customers_7d_with_this >= 3 and coalesce(ring_new_customers_7d_with_this, 2) >= 2", 0.6,
            "{value} customers used the device within 7 days.", RuleAction.Review),
        ["device_crowd"] = Rule("device_customers_1d_with_this >= 6", 0.9,
            "{value} customers used the device within a day.", RuleAction.Block),
        ["ring_growth"] = Rule("ring_new_customers_1d_with_this >= 3", 0.6,
            "{value} new customers of a day are tied by devices, cards or addresses.", RuleAction.Review),
        ["ring_growth_7d"] = Rule("ring_new_customers_7d_with_this >= 5", 0.5,
            "{value} new customers of 7 days are tied by devices, cards or addresses.", RuleAction.Review),
        ["ring_farm"] = Rule(
            "ring_new_customers_1d_with_this >= 6 and ring_cards_with_this * 2 <= ring_customers_with_this", 0.9,
            "{value} new customers of a day are tied by devices, cards or addresses, and pay with few cards.",
            RuleAction.Block),
        ["ip_cards_1h"] = Rule("ip_cards_1h_with_this >= 5", 0.6,
            "{value} cards were tried from the address within an hour."),
        ["ip_failures_1h"] = Rule("ip_failures_1h >= 5", 0.5,
            "{value} payments from the address were refused within the last hour."),
        ["ip_customers_1d"] = Rule("ip_customers_1d_with_this >= 8", 0.25,
            "{value} customers came from the address within a day."),
        ["card_testing"] = Rule("device_failures_1h >= 5 and device_mean_amount_1h <= 1000", 0.9,
            "{value} mostly small payments on the device were refused within the last hour.", RuleAction.Block),
        ["customer_velocity_1d"] = Rule("customer_payments_1d >= 8", 0.3,
            "The customer tried to pay {value} times within the last day."),
        ["customer_failures_1h"] = Rule("customer_failures_1h >= 3", 0.35,
            "{value} payments of the customer were refused within the last hour."),
        ["customer_cards_7d"] = Rule("customer_cards_7d_with_this >= 4", 0.4,
            "The customer tried {value} cards within 7 days."),
        ["amount_unusual"] = Rule($"{PaymentVector.AmountOverMean} >= 5 and customer_payments_365d >= 3", 0.4,
            "The amount is {value} times what the customer usually pays."),
        ["card_abroad"] = Rule($"{PaymentVector.CardCountryDiffers} >= 1", 0.3,
            "The card and the address are of different countries."),
        ["card_abroad_new_customer"] = Rule(
            $"{PaymentVector.NewCustomer} >= 1 and {PaymentVector.ShippingCountryDiffers} >= 1", 0.35,
            "The customer is new, and card and goods are of different countries."),
        ["anomaly"] = Rule($"{RuleSchema.ModelAnomaly} >= 0.999", 0.3,
            "Hardly any known payment is as odd as this one."),
        ["impossible_travel"] = Rule("customer_travel_kmh_1d >= 1000 and customer_travel_km_1d >= 1500", 0.4,
            "The customer would have had to travel {customer_travel_km_1d} km at {value} km/h."),
        ["billing_differs"] = Rule($"{PaymentVector.BillingCountryDiffers} >= 1", 0.2,
            "The billing country is not the card's."),
        ["shipping_differs"] = Rule($"{PaymentVector.ShippingCountryDiffers} >= 1", 0.15,
            "The goods go to another country than the bill."),
    };

    private static RuleOptions Rule(
        string when, double weight, string text, RuleAction action = RuleAction.Score) =>
        new() { When = when, Weight = weight, Text = text, Action = action };
}
