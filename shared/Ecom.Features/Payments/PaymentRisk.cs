namespace Ecom.Features.Payments;

/// <summary>The numbers that rules and models see of a payment: one computation, online and offline.</summary>
/// <remarks>
/// What is remembered is read as it was one millisecond before the payment, so an event of the same instant is not an
/// earlier one. The names ending in <c>_with_this</c> say what a distinct count or a mean becomes with the payment.
/// Money is in minor units of the base currency, spans of time in seconds. NaN is "missing": the payment names no such
/// entity, or there is nothing to compare with.
/// </remarks>
public static partial class PaymentRisk
{
    private const string WithThis = "_with_this";

    // Of which other columns are made, or which others say better.
    private static readonly HashSet<string> _inner =
    [
        "customer_payments_14d", "customer_amount_14d", "customer_amount_365d", "customer_log_amount_365d",
        "customer_log_amount_squares_365d", "customer_max_amount_365d", "customer_devices_365d", "customer_ips_30d",
        "customer_countries_6h", "customer_countries_365d", "card_amount_30d", "card_countries_1d",
        "network_cards_1d", "network_customers_1d", "address_cards_7d", "address_customers_30d",
        "email_domain_labels_30d", "terminal_amount_30d", "terminal_frauds_30d",
    ];

    // Also with the payment; of the last ones, only so.
    private static readonly HashSet<string> _counted =
    [
        "card_customers_7d", "card_devices_7d", "card_countries_1d", "device_cards_1h", "device_cards_1d",
        "device_customers_1d", "device_customers_7d", "ip_cards_1h", "ip_cards_1d", "ip_customers_1d",
        "customer_cards_1d", "customer_cards_7d", "customer_devices_7d", "customer_countries_6h", "network_cards_1d",
        "network_customers_1d", "address_cards_7d", "address_customers_30d",
    ];

    private static readonly Column[] _columns = [.. OfPayment(), .. OfHabits(), .. OfMemory(), .. OfShares()];

    /// <summary>Reads a column of a payment.</summary>
    private delegate double Reading(in Memory memory);

    /// <summary>The names of the features in the order of a vector.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. _columns.Select(column => column.Name)];

    /// <summary>Positions of the fifteen features of the Fraud-Detection-Handbook, in its order.</summary>
    /// <remarks>Its counts of a customer's payments include the payment: they are one more than these.</remarks>
    public static IReadOnlyList<int> Handbook { get; } =
    [
        .. new[]
        {
            "amount", "is_weekend", "is_night",
            "customer_payments_1d", "customer_mean_amount_1d_with_this",
            "customer_payments_7d", "customer_mean_amount_7d_with_this",
            "customer_payments_30d", "customer_mean_amount_30d_with_this",
            "terminal_labels_1d", "terminal_fraud_share_1d", "terminal_labels_7d", "terminal_fraud_share_7d",
            "terminal_labels_30d", "terminal_fraud_share_30d",
        }.Select(name => Array.FindIndex(_columns, column => column.Name == name)),
    ];

    /// <summary>Positions of the features that no label enters: for models of anomalies.</summary>
    public static IReadOnlyList<int> Unlabelled { get; } =
        [.. Enumerable.Range(0, _columns.Length).Where(at => !_columns[at].IsOfLabels)];

    /// <summary>Fills in the vector of a payment.</summary>
    /// <param name="payment">The payment; its amount is in minor units, none is 0.</param>
    /// <param name="before">States of its entities without it, in any order; what is not there is not known. Of a
    /// customer and a visitor, the customer counts. They are not changed.</param>
    /// <param name="vector">Takes the values, as many as there are names.</param>
    /// <param name="countries">Where countries lie; without it nothing is said of travel.</param>
    public static void Fill(
        ShopEvent payment, IReadOnlyList<EntityState> before, Span<double> vector, CountryTable? countries = null)
    {
        ArgumentNullException.ThrowIfNull(payment);
        ArgumentNullException.ThrowIfNull(before);
        ArgumentOutOfRangeException.ThrowIfNotEqual(vector.Length, _columns.Length);
        var memory = new Memory(payment, before, countries);
        for (var at = 0; at < vector.Length; at++)
        {
            vector[at] = _columns[at].Read(memory);
        }
    }

    /// <summary>Positions of the features of a payment by itself and of entities of some kinds.</summary>
    /// <param name="kinds">The kinds.</param>
    public static IReadOnlyList<int> Of(params EntityKind[] kinds) =>
    [
        .. Enumerable.Range(0, _columns.Length)
            .Where(at => _columns[at].Kind is not { } kind || kinds.Contains(kind)),
    ];

    // What is remembered, as it is.
    private static IEnumerable<Column> OfMemory()
    {
        foreach (var feature in Enum.GetValues<EntityKind>().Where(kind => kind != EntityKind.Visitor)
            .SelectMany(FraudFeatures.Set.FeaturesOf))
        {
            if (!_inner.Contains(feature.Name))
            {
                yield return new Column(feature.Name, feature.Definition.Entity, (in memory) => memory.Read(feature))
                {
                    IsOfLabels = IsOfLabels(feature),
                };
            }

            if (_counted.Contains(feature.Name))
            {
                yield return new Column(feature.Name + WithThis, feature.Definition.Entity,
                    (in memory) => memory.ReadWith(feature));
            }
        }
    }

    private static bool IsOfLabels(Feature feature) => feature.Definition.Events
        .Any(kind => kind is ShopEventKind.PaymentDisputed or ShopEventKind.PaymentCleared);

    private static double Share(double part, double whole, double otherwise) => whole > 0 ? part / whole : otherwise;

    private static Feature Named(EntityKind kind, string name) =>
        FraudFeatures.Set.FeaturesOf(kind).Single(feature => feature.Name == name);

    private readonly struct Memory(
        ShopEvent payment, IReadOnlyList<EntityState> before, CountryTable? countries)
    {
        public ShopEvent Payment => payment;

        public double Amount { get; } = payment.Amount ?? 0;

        public DateTime At { get; } = DateTime.UnixEpoch.AddMilliseconds(payment.AtMs);

        /// <summary>A feature before the payment; its default if nothing is known, NaN if there is no entity.</summary>
        public double Read(Feature feature)
        {
            var kind = feature.Definition.Entity;
            if (!Has(kind))
            {
                return double.NaN;
            }

            var number = Find(kind) is { } state
                ? state.Number(feature, payment.AtMs - 1)
                : feature.Definition.Default;
            return number ?? double.NaN;
        }

        /// <summary>A distinct count with the payment.</summary>
        public double ReadWith(Feature feature)
        {
            var kind = feature.Definition.Entity;
            return !Has(kind) ? double.NaN
                : (Find(kind) ?? new EntityState(FraudFeatures.Set, kind)).NumberWith(feature, payment);
        }

        /// <summary>1 if a distinct count has not seen what the payment has; NaN if it has nothing.</summary>
        public double IsNew(Feature feature) =>
            !Has(feature.Definition.Entity) || payment.Text(feature.Definition.Of!.Value) is null ? double.NaN
                : Find(feature.Definition.Entity)?.HasSeen(feature, payment) == true ? 0 : 1;

        /// <summary>
        /// The farthest of the countries that a count has seen lately: its distance, and how fast one would have had to
        /// travel from there since. NaN without a table, or if a country is not in it.
        /// </summary>
        public (double Km, double KmPerHour) Travel(Feature countriesSeen, TimeSpan lately)
        {
            var (most, fastest) = (double.NaN, double.NaN);
            if (countries is null || payment.IpCountry is not { } here || Find(EntityKind.Customer) is not { } state)
            {
                return (most, fastest);
            }

            var from = payment.AtMs - (long)lately.TotalMilliseconds;
            foreach (var (there, seenMs) in state.Seen(countriesSeen, from, payment.AtMs - 1))
            {
                var km = countries.DistanceKm(there, here);
                if (!double.IsNaN(km) && !(km <= most))
                {
                    (most, fastest) = (km, km * TimeSpan.MillisecondsPerHour / (payment.AtMs - seenMs));
                }
            }

            return (most, fastest);
        }

        private bool Has(EntityKind kind) =>
            payment.EntityId(kind) is not null
            || (kind == EntityKind.Customer && payment.EntityId(EntityKind.Visitor) is not null);

        private EntityState? Find(EntityKind kind)
        {
            EntityState? visitor = null;
            foreach (var state in before)
            {
                if (state.Kind == kind)
                {
                    return state;
                }

                visitor = kind == EntityKind.Customer && state.Kind == EntityKind.Visitor ? state : visitor;
            }

            return visitor;
        }
    }

    private sealed record Column(string Name, EntityKind? Kind, Reading Read)
    {
        public bool IsOfLabels { get; init; }
    }
}
