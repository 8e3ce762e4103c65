namespace Ecom.Features.Payments;

/// <content>The columns that are worked out rather than read.</content>
public static partial class PaymentRisk
{
    private const double Day = 86_400;
    private static readonly TimeSpan _travel = TimeSpan.FromDays(1);

    // What the payment says by itself.
    private static IEnumerable<Column> OfPayment()
    {
        yield return Plain("amount", (in memory) => memory.Amount);
        yield return Plain("is_weekend", (in memory) =>
            memory.At.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 1 : 0);
        yield return Plain("is_night", (in memory) => memory.At.Hour <= 6 ? 1 : 0);
        yield return Plain("card_country_differs_from_ip", (in memory) =>
            Differ(memory.Payment.CardCountry, memory.Payment.IpCountry)) with
        { Kind = EntityKind.Card };
        yield return Plain("billing_country_differs_from_card", (in memory) =>
            Differ(memory.Payment.BillingCountry, memory.Payment.CardCountry)) with
        { Kind = EntityKind.Card };
        yield return Plain("shipping_country_differs_from_billing", (in memory) =>
            Differ(memory.Payment.ShippingCountry, memory.Payment.BillingCountry)) with
        { Kind = EntityKind.Address };
        yield return Plain("shipping_address_differs_from_billing", (in memory) =>
            Differ(memory.Payment.ShippingAddress, memory.Payment.BillingAddress)) with
        { Kind = EntityKind.Address };
    }

    // The payment against what its customer used to do, and against its card and its terminal.
    private static IEnumerable<Column> OfHabits()
    {
        var recent = Customer("customer_payments_14d");
        var recentAmount = Customer("customer_amount_14d");
        var month = Customer("customer_payments_30d");
        var monthAmount = Customer("customer_amount_30d");
        var all = Customer("customer_payments_365d");
        var allAmount = Customer("customer_amount_365d");
        var most = Customer("customer_max_amount_365d");
        var logs = Customer("customer_log_amount_365d");
        var squares = Customer("customer_log_amount_squares_365d");
        var firstPayment = Customer("customer_since_first_payment_365d");
        var firstOrder = Customer("customer_since_first_order_365d");
        yield return OfCustomer("customer_mean_amount_365d", (in memory) =>
            Share(memory.Read(allAmount), memory.Read(all), double.NaN));
        yield return OfCustomer("amount_over_customer_mean", (in memory) =>
            Share(memory.Amount * memory.Read(all), memory.Read(allAmount), double.NaN));
        yield return OfCustomer("amount_over_customer_mean_30d", (in memory) =>
            Share(memory.Amount * memory.Read(month), memory.Read(monthAmount), double.NaN));
        yield return OfCustomer("amount_over_customer_mean_before_14d", (in memory) => Share(
            memory.Amount * (memory.Read(all) - memory.Read(recent)),
            memory.Read(allAmount) - memory.Read(recentAmount),
            double.NaN));
        yield return OfCustomer("customer_mean_14d_over_mean_before", (in memory) => Share(
            Share(memory.Read(recentAmount), memory.Read(recent), double.NaN)
                * (memory.Read(all) - memory.Read(recent)),
            memory.Read(allAmount) - memory.Read(recentAmount),
            double.NaN));
        yield return OfCustomer("amount_over_customer_max", (in memory) =>
            Share(memory.Amount, memory.Read(most), double.NaN));
        yield return OfCustomer("amount_z_score", (in memory) =>
            Deviation(memory.Payment.LogAmount, memory.Read(all), memory.Read(logs), memory.Read(squares)));
        yield return OfCustomer("customer_is_new", (in memory) =>
            memory.Payment.Customer is not null
            && (memory.Read(firstPayment) >= Day || memory.Read(firstOrder) >= Day) ? 0 : 1);
        foreach (var (name, count) in new[]
        {
            ("device_is_new_to_customer", "customer_devices_365d"), ("ip_is_new_to_customer", "customer_ips_30d"),
            ("country_is_new_to_customer", "customer_countries_365d"),
        })
        {
            var seen = Customer(count);
            yield return OfCustomer(name, (in memory) => memory.IsNew(seen));
        }

        var countries = Customer("customer_countries_365d");
        yield return OfCustomer("customer_travel_km_1d", (in memory) => memory.Travel(countries, _travel).Km);
        yield return OfCustomer("customer_travel_kmh_1d", (in memory) => memory.Travel(countries, _travel).KmPerHour);
        var cardPayments = Named(EntityKind.Card, "card_payments_30d");
        var cardAmount = Named(EntityKind.Card, "card_amount_30d");
        yield return new Column("amount_over_card_mean_30d", EntityKind.Card, (in memory) =>
            Share(memory.Amount * memory.Read(cardPayments), memory.Read(cardAmount), double.NaN));
        var terminalPayments = Named(EntityKind.Terminal, "terminal_payments_30d");
        var terminalAmount = Named(EntityKind.Terminal, "terminal_amount_30d");
        yield return new Column("amount_over_terminal_mean_30d", EntityKind.Terminal, (in memory) =>
            Share(memory.Amount * memory.Read(terminalPayments), memory.Read(terminalAmount), double.NaN));
    }

    private static IEnumerable<Column> OfShares()
    {
        foreach (var window in new[] { "1d", "7d", "30d" })
        {
            var payments = Customer($"customer_payments_{window}");
            var amount = Customer($"customer_amount_{window}");
            yield return OfCustomer($"customer_mean_amount_{window}_with_this", (in memory) =>
                (memory.Read(amount) + memory.Amount) / (memory.Read(payments) + 1));
            yield return FraudShare(EntityKind.Terminal, "terminal", window);
        }

        yield return FraudShare(EntityKind.EmailDomain, "email_domain", "30d");
        var fraud = Named(EntityKind.Terminal, "terminal_since_fraud_365d");
        var cleared = Named(EntityKind.Terminal, "terminal_since_cleared_365d");
        yield return new Column("terminal_fraud_before_cleared", EntityKind.Terminal, (in memory) =>
            memory.Read(cleared) - memory.Read(fraud)) with
        { IsOfLabels = true };
    }

    private static Column FraudShare(EntityKind kind, string entity, string window)
    {
        var labels = Named(kind, $"{entity}_labels_{window}");
        var frauds = Named(kind, $"{entity}_frauds_{window}");
        return new Column($"{entity}_fraud_share_{window}", kind, (in memory) =>
            memory.Read(labels) is var known && double.IsNaN(known) ? known : Share(memory.Read(frauds), known, 0))
        {
            IsOfLabels = true,
        };
    }

    // How many standard deviations the amount is from what the customer pays, both in logarithms; at least a tenth of
    // it, so that who always pays the same is not surprised by a penny. Of fewer than three payments nothing is said.
    private static double Deviation(long? logAmount, double count, double sum, double squares)
    {
        const double Least = 100;
        if (logAmount is not { } log || !(count >= 3))
        {
            return double.NaN;
        }

        var mean = sum / count;
        var variance = (squares / count) - (mean * mean);
        return (log - mean) / Math.Max(Least, Math.Sqrt(Math.Max(0, variance)));
    }

    private static double Differ(string? one, string? other) =>
        one is null || other is null ? double.NaN : one == other ? 0 : 1;

    private static Feature Customer(string name) => Named(EntityKind.Customer, name);

    private static Column Plain(string name, Reading read) => new(name, null, read);

    private static Column OfCustomer(string name, Reading read) => new(name, EntityKind.Customer, read);
}
