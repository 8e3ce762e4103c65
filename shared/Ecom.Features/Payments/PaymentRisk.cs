namespace Ecom.Features.Payments;

/// <summary>The fraud model's features of a payment: one computation, online and offline.</summary>
/// <remarks>
/// What is remembered is read as it was one millisecond before the payment, so an event of the same instant is not an
/// earlier one and nothing depends on the order of arrival; the payment itself is then added where a feature
/// includes it. Money is in units, spans of time in days. NaN is "missing".
/// </remarks>
public static class PaymentRisk
{
    private const double Day = 86_400;
    private static readonly Column[] _columns = [.. Columns()];
    private static readonly int _handbookCount = _columns.Count(column => column.IsOfHandbook);

    private delegate double Reading(in Memory memory);

    /// <summary>The names of the features in the order of a vector, the handbook's fifteen first.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. _columns.Select(column => column.Name)];

    /// <summary>Positions of the fifteen features of the Fraud-Detection-Handbook.</summary>
    public static IReadOnlyList<int> Handbook { get; } = [.. Enumerable.Range(0, _handbookCount)];

    /// <summary>Positions of the features that no label enters: for models of anomalies.</summary>
    public static IReadOnlyList<int> Unlabelled { get; } =
        [.. Enumerable.Range(0, _columns.Length).Where(at => !_columns[at].IsOfLabels)];

    /// <summary>Fills in the vector of a payment.</summary>
    /// <param name="payment">The payment; its amount is in minor units, none is 0.</param>
    /// <param name="customer">State of its customer without it; null if nothing is known.</param>
    /// <param name="terminal">State of its terminal without it; null if nothing is known.</param>
    /// <param name="vector">Takes the values, as many as there are names.</param>
    public static void Fill(ShopEvent payment, EntityState? customer, EntityState? terminal, Span<float> vector)
    {
        ArgumentNullException.ThrowIfNull(payment);
        ArgumentOutOfRangeException.ThrowIfNotEqual(vector.Length, _columns.Length);
        var memory = new Memory(
            payment,
            customer ?? new EntityState(PaymentRiskFeatures.Set, EntityKind.Customer),
            terminal ?? new EntityState(PaymentRiskFeatures.Set, EntityKind.Terminal));
        for (var at = 0; at < vector.Length; at++)
        {
            vector[at] = (float)_columns[at].Read(memory);
        }
    }

    private static IEnumerable<Column> Columns()
    {
        yield return Book("amount", (in memory) => memory.Amount);
        yield return Book("is_weekend", (in memory) => memory.At.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday
            ? 1 : 0);
        yield return Book("is_night", (in memory) => memory.At.Hour <= 6 ? 1 : 0);
        foreach (var window in new[] { "1d", "7d", "30d" })
        {
            var payments = Named(EntityKind.Customer, $"customer_payments_{window}");
            var amount = Named(EntityKind.Customer, $"customer_amount_{window}");
            yield return Book($"customer_payments_{window}", (in memory) => memory.Read(payments) + 1);
            yield return Book($"customer_mean_{window}", (in memory) =>
                ((memory.Read(amount) / 100) + memory.Amount) / (memory.Read(payments) + 1));
        }

        foreach (var window in new[] { "1d", "7d", "30d" })
        {
            var labels = Named(EntityKind.Terminal, $"terminal_labels_{window}");
            var frauds = Named(EntityKind.Terminal, $"terminal_frauds_{window}");
            yield return Book($"terminal_labels_{window}", (in memory) => memory.Read(labels)) with
            { IsOfLabels = true };
            yield return Book($"terminal_risk_{window}", (in memory) =>
                Share(memory.Read(frauds), memory.Read(labels), 0)) with
            { IsOfLabels = true };
        }

        foreach (var column in OfHabits().Concat(OfKnownFrauds()))
        {
            yield return column;
        }
    }

    // The payment against what its customer used to do, and against its terminal.
    private static IEnumerable<Column> OfHabits()
    {
        var hour = Named(EntityKind.Customer, "customer_payments_1h");
        var recent = Named(EntityKind.Customer, "customer_payments_14d");
        var recentAmount = Named(EntityKind.Customer, "customer_amount_14d");
        var month = Named(EntityKind.Customer, "customer_payments_30d");
        var monthAmount = Named(EntityKind.Customer, "customer_amount_30d");
        var all = Named(EntityKind.Customer, "customer_half_year_payments_180d");
        var allAmount = Named(EntityKind.Customer, "customer_half_year_amount_180d");
        var most = Named(EntityKind.Customer, "customer_most_amount_180d");
        var since = Named(EntityKind.Customer, "customer_since_payment_180d");
        var terminalDay = Named(EntityKind.Terminal, "terminal_payments_1d");
        var terminalWeek = Named(EntityKind.Terminal, "terminal_payments_7d");
        var terminalMonth = Named(EntityKind.Terminal, "terminal_payments_30d");
        var terminalAmount = Named(EntityKind.Terminal, "terminal_amount_30d");
        yield return Own("customer_payments_1h", (in memory) => memory.Read(hour) + 1);
        yield return Own("days_since_payment", (in memory) => memory.Read(since) / Day);
        yield return Own("amount_to_mean_30d", (in memory) =>
            Share(100 * memory.Amount * memory.Read(month), memory.Read(monthAmount), double.NaN));
        yield return Own("amount_to_mean_180d", (in memory) =>
            Share(100 * memory.Amount * memory.Read(all), memory.Read(allAmount), double.NaN));
        yield return Own("amount_to_mean_before_14d", (in memory) => Share(
            100 * memory.Amount * (memory.Read(all) - memory.Read(recent)),
            memory.Read(allAmount) - memory.Read(recentAmount),
            double.NaN));
        yield return Own("mean_14d_to_mean_before", (in memory) => Share(
            Share(memory.Read(recentAmount), memory.Read(recent), double.NaN)
                * (memory.Read(all) - memory.Read(recent)),
            memory.Read(allAmount) - memory.Read(recentAmount),
            double.NaN));
        yield return Own("amount_to_most_180d", (in memory) =>
            Share(100 * memory.Amount, memory.Read(most), double.NaN));
        yield return Own("terminal_payments_1d", (in memory) => memory.Read(terminalDay) + 1);
        yield return Own("terminal_payments_7d", (in memory) => memory.Read(terminalWeek) + 1);
        yield return Own("amount_to_terminal_mean_30d", (in memory) => Share(
            100 * memory.Amount * memory.Read(terminalMonth), memory.Read(terminalAmount), double.NaN));
    }

    private static IEnumerable<Column> OfKnownFrauds()
    {
        foreach (var name in new[] { "customer_frauds_7d", "customer_frauds_14d", "customer_frauds_30d" })
        {
            var frauds = Named(EntityKind.Customer, name);
            yield return Label(name, (in memory) => memory.Read(frauds));
        }

        foreach (var name in new[]
        {
            "terminal_frauds_1d", "terminal_frauds_3d", "terminal_frauds_7d", "terminal_frauds_14d",
            "terminal_frauds_21d", "terminal_frauds_28d",
        })
        {
            var frauds = Named(EntityKind.Terminal, name);
            yield return Label(name, (in memory) => memory.Read(frauds));
        }

        var customerFraud = Named(EntityKind.Customer, "customer_since_fraud_180d");
        var fraud = Named(EntityKind.Terminal, "terminal_since_fraud_180d");
        var cleared = Named(EntityKind.Terminal, "terminal_since_cleared_180d");
        var first = Named(EntityKind.Terminal, "terminal_since_first_fraud_30d");
        yield return Label("days_since_customer_fraud", (in memory) => memory.Read(customerFraud) / Day);
        yield return Label("days_since_terminal_fraud", (in memory) => memory.Read(fraud) / Day);
        yield return Label("days_since_terminal_cleared", (in memory) => memory.Read(cleared) / Day);
        yield return Label("days_terminal_fraud_before_cleared", (in memory) =>
            (memory.Read(cleared) - memory.Read(fraud)) / Day);
        yield return Label("days_since_first_terminal_fraud_30d", (in memory) => memory.Read(first) / Day);
    }

    private static Column Book(string name, Reading read) => new(name, read) { IsOfHandbook = true };

    private static Column Own(string name, Reading read) => new(name, read);

    private static Column Label(string name, Reading read) => new(name, read) { IsOfLabels = true };

    private static double Share(double part, double whole, double otherwise) => whole > 0 ? part / whole : otherwise;

    private static Feature Named(EntityKind kind, string name) =>
        PaymentRiskFeatures.Set.FeaturesOf(kind).Single(feature => feature.Name == name);

    private readonly struct Memory(ShopEvent payment, EntityState customer, EntityState terminal)
    {
        public double Amount { get; } = (payment.Amount ?? 0) / 100.0;

        public DateTime At { get; } = DateTime.UnixEpoch.AddMilliseconds(payment.AtMs);

        public double Read(Feature feature) =>
            (feature.Definition.Entity == EntityKind.Customer ? customer : terminal)
                .Number(feature, payment.AtMs - 1) ?? double.NaN;
    }

    private sealed record Column(string Name, Reading Read)
    {
        public bool IsOfHandbook { get; init; }

        public bool IsOfLabels { get; init; }
    }
}
