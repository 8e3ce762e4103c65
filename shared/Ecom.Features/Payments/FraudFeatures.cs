using static Ecom.Features.Aggregation;
using static Ecom.Features.ShopEventKind;

namespace Ecom.Features.Payments;

/// <summary>
/// What fraud remembers of customers, cards, devices, addresses, e-mail domains and terminals: on keys of its own.
/// </summary>
/// <remarks>
/// A label is an event of its own, <see cref="PaymentDisputed"/> or <see cref="PaymentCleared"/>, at the moment it
/// arrived: so windows of labels are windows of arrival, and none counts before it was known. E-mail domains and
/// terminals have no distinct counts: half the world would be in them.
/// </remarks>
public static class FraudFeatures
{
    // Where a device or an address meets a customer: signs of a person at work, not of a page being shown.
    private static readonly ShopEventKind[] _sightings =
        [PaymentAttempted, OrderPlaced, CustomerIdentified, CheckoutStarted, ProductAdded, ProductViewed];

    private static readonly ShopEventKind[] _attempt = [PaymentAttempted];
    private static readonly ShopEventKind[] _labels = [PaymentDisputed, PaymentCleared];

    private static readonly FeatureDefinition[] _attempts =
    [
        .. OfCustomers(), .. OfCards(), .. OfDevices(), .. OfAddresses(), .. OfDomains(), .. OfTerminals(),
        .. OfKnownFrauds(),
    ];

    // What the processor says can come after the decision, with the second arrival of a payment.
    private static readonly FeatureDefinition[] _outcomes =
    [
        Failures("card_failures", EntityKind.Card, Hours(1), Days(1)),
        Failures("device_failures", EntityKind.Device, Hours(1)),
        Failures("ip_failures", EntityKind.Ip, Hours(1)),
        Failures("customer_failures", EntityKind.Customer, Hours(1), Days(1)),
    ];

    /// <summary>All definitions: what is stored and read.</summary>
    public static FeatureSet Set { get; } = new([.. _attempts, .. _outcomes]);

    /// <summary>What a payment's attempt, a label, and every other event, adds.</summary>
    public static FeatureSet Attempts { get; } = new(_attempts);

    /// <summary>What a payment's outcome adds.</summary>
    public static FeatureSet Outcomes { get; } = new(_outcomes);

    private static IEnumerable<FeatureDefinition> OfCustomers() =>
    [
        Payments("customer_payments", EntityKind.Customer,
            Hours(1), Days(1), Days(7), Days(14), Days(30), Days(365)),
        Amounts("customer_amount", EntityKind.Customer, Days(1), Days(7), Days(14), Days(30), Days(365)),
        Define("customer_log_amount", EntityKind.Customer, _attempt, Sum, EventField.LogAmount,
            "Logarithms of attempted amounts, thousandths.", Days(365)),
        Define("customer_log_amount_squares", EntityKind.Customer, _attempt, Sum, EventField.LogAmountSquared,
            "Squared logarithms of attempted amounts, millionths.", Days(365)),
        Define("customer_max_amount", EntityKind.Customer, _attempt, Max, EventField.Amount,
            "Greatest attempted amount, minor units of the base currency.", Days(30), Days(365)) with
        { Default = null },
        Distincts("customer_cards", EntityKind.Customer, EventField.Card, "Different cards tried.", Days(1), Days(7)),
        Distincts("customer_devices", EntityKind.Customer, EventField.Device, "Different devices paid from.",
            Days(7), Days(365)),
        Distincts("customer_ips", EntityKind.Customer, EventField.Ip, "Different addresses paid from.", Days(30)),
        Distincts("customer_countries", EntityKind.Customer, EventField.IpCountry,
            "Different countries paid from, by the address.", Hours(6), Days(365)),
        First("customer_since_first_payment", EntityKind.Customer, _attempt, "Time since the first payment attempt."),
        First("customer_since_first_order", EntityKind.Customer, [OrderPlaced], "Time since the first order."),
        First("customer_since_first_seen", EntityKind.Customer, _sightings,
            "Time since the customer was first seen: the age of the account."),
        Last("customer_since_payment", EntityKind.Customer, PaymentAttempted, "Time since the attempt before."),
    ];

    private static IEnumerable<FeatureDefinition> OfCards() =>
    [
        Payments("card_payments", EntityKind.Card, Minutes(1), Minutes(10), Hours(1), Days(1), Days(7), Days(30)),
        Amounts("card_amount", EntityKind.Card, Days(1), Days(30)),
        Distincts("card_customers", EntityKind.Card, EventField.Customer, "Different customers who tried it.", Days(7)),
        Distincts("card_devices", EntityKind.Card, EventField.Device, "Different devices it was tried from.", Days(7)),
        Distincts("card_countries", EntityKind.Card, EventField.IpCountry,
            "Different countries it was tried from, by the address.", Days(1)),
        First("card_since_first_payment", EntityKind.Card, _attempt, "Time since the first payment attempt."),
        Last("card_since_payment", EntityKind.Card, PaymentAttempted, "Time since the attempt before."),
    ];

    private static IEnumerable<FeatureDefinition> OfDevices() =>
    [
        Payments("device_payments", EntityKind.Device, Minutes(1), Minutes(10), Hours(1), Days(1)),
        Amounts("device_amount", EntityKind.Device, Days(1)),
        Distincts("device_cards", EntityKind.Device, EventField.Card, "Different cards tried.", Hours(1), Days(1)),
        Customers("device_customers", EntityKind.Device, Days(1), Days(7)),
        Define("device_mean_amount", EntityKind.Device, _attempt, Mean, EventField.Amount,
            "Mean attempted amount, minor units of the base currency.", Hours(1)) with
        {
            Type = FeatureType.Real,
            Default = null,
        },
        First("device_since_first_payment", EntityKind.Device, _attempt, "Time since the first payment attempt."),
    ];

    private static IEnumerable<FeatureDefinition> OfAddresses() =>
    [
        Payments("ip_payments", EntityKind.Ip, Minutes(1), Minutes(10), Hours(1), Days(1)),
        Distincts("ip_cards", EntityKind.Ip, EventField.Card, "Different cards tried.", Hours(1), Days(1)),
        Customers("ip_customers", EntityKind.Ip, Days(1)),
        Payments("network_payments", EntityKind.IpNetwork, Hours(1), Days(1)),
        Distincts("network_cards", EntityKind.IpNetwork, EventField.Card, "Different cards tried.", Days(1)),
        Distincts("network_customers", EntityKind.IpNetwork, EventField.Customer, "Different customers who paid.",
            Days(1)),
        Payments("address_payments", EntityKind.Address, Days(1), Days(30)),
        Amounts("address_amount", EntityKind.Address, Days(7)),
        Distincts("address_cards", EntityKind.Address, EventField.Card, "Different cards tried.", Days(7)),
        Distincts("address_customers", EntityKind.Address, EventField.Customer, "Different customers who paid.",
            Days(30)),
    ];

    private static IEnumerable<FeatureDefinition> OfDomains() =>
    [
        Payments("email_domain_payments", EntityKind.EmailDomain, Days(1), Days(30)),
        First("email_domain_since_first_payment", EntityKind.EmailDomain, _attempt,
            "Time since the first payment attempt."),
    ];

    private static IEnumerable<FeatureDefinition> OfTerminals() =>
    [
        Payments("terminal_payments", EntityKind.Terminal, Days(1), Days(7), Days(30)),
        Amounts("terminal_amount", EntityKind.Terminal, Days(30)),
    ];

    private static IEnumerable<FeatureDefinition> OfKnownFrauds() =>
    [
        Frauds("customer_frauds", EntityKind.Customer, Days(7), Days(14), Days(30)),
        Last("customer_since_fraud", EntityKind.Customer, PaymentDisputed, "Time since a fraud became known."),
        Frauds("card_frauds", EntityKind.Card, Days(30)),
        Frauds("device_frauds", EntityKind.Device, Days(30)),
        Frauds("ip_frauds", EntityKind.Ip, Days(30)),
        Frauds("address_frauds", EntityKind.Address, Days(30)),
        Frauds("email_domain_frauds", EntityKind.EmailDomain, Days(7), Days(30)),
        Labels("email_domain_labels", EntityKind.EmailDomain, Days(30)),
        Frauds("terminal_frauds", EntityKind.Terminal,
            Days(1), Days(3), Days(7), Days(14), Days(21), Days(28), Days(30)),
        Labels("terminal_labels", EntityKind.Terminal, Days(1), Days(7), Days(30)),
        Last("terminal_since_fraud", EntityKind.Terminal, PaymentDisputed, "Time since a fraud became known."),
        Last("terminal_since_cleared", EntityKind.Terminal, PaymentCleared,
            "Time since a payment became known as genuine."),
        Define("terminal_since_first_fraud", EntityKind.Terminal, [PaymentDisputed], TimeSinceFirst, null,
            "Time since the first fraud of the window became known.", Days(30)) with
        { Type = FeatureType.Seconds, Default = null },
    ];

    private static FeatureDefinition Payments(string name, EntityKind entity, params TimeSpan[] windows) =>
        Define(name, entity, _attempt, Count, null, "Payment attempts.", windows);

    private static FeatureDefinition Amounts(string name, EntityKind entity, params TimeSpan[] windows) =>
        Define(name, entity, _attempt, Sum, EventField.Amount,
            "Attempted amounts, minor units of the base currency.", windows);

    private static FeatureDefinition Distincts(
        string name, EntityKind entity, EventField of, string description, params TimeSpan[] windows) =>
        Define(name, entity, _attempt, Distinct, of, description, windows);

    private static FeatureDefinition Customers(string name, EntityKind entity, params TimeSpan[] windows) =>
        Define(name, entity, _sightings, Distinct, EventField.Customer,
            "Different customers who paid or were seen.", windows);

    private static FeatureDefinition Frauds(string name, EntityKind entity, params TimeSpan[] windows) =>
        Define(name, entity, [PaymentDisputed], Count, null, "Frauds that became known.", windows);

    private static FeatureDefinition Labels(string name, EntityKind entity, params TimeSpan[] windows) =>
        Define(name, entity, _labels, Count, null, "Payments that became known as fraud or genuine.", windows);

    private static FeatureDefinition Failures(string name, EntityKind entity, params TimeSpan[] windows) =>
        Define(name, entity, _attempt, Count, null, "Payment attempts that the processor refused.", windows) with
        {
            Filter = [new FieldEquals(EventField.Succeeded, "false")],
        };

    private static FeatureDefinition First(
        string name, EntityKind entity, ShopEventKind[] events, string description) =>
        Define(name, entity, events, TimeSinceFirst, null, description, Days(365)) with
        {
            Type = FeatureType.Seconds,
            Default = null,
        };

    private static FeatureDefinition Last(
        string name, EntityKind entity, ShopEventKind shopEvent, string description) =>
        Define(name, entity, [shopEvent], TimeSinceLast, null, description, Days(365)) with
        {
            Type = FeatureType.Seconds,
            Default = null,
        };

    private static FeatureDefinition Define(
        string name, EntityKind entity, ShopEventKind[] events, Aggregation aggregation, EventField? of,
        string description, params TimeSpan[] windows) => new()
        {
            Name = name,
            Entity = entity,
            Events = events,
            Aggregation = aggregation,
            Of = of,
            Tiling = Tiling.Graded,
            Windows = windows,
            Default = 0,
            Type = FeatureType.Integer,
            Description = description,
            Owner = "fraud",
        };

    private static TimeSpan Minutes(int minutes) => TimeSpan.FromMinutes(minutes);

    private static TimeSpan Hours(int hours) => TimeSpan.FromHours(hours);

    private static TimeSpan Days(int days) => TimeSpan.FromDays(days);
}
