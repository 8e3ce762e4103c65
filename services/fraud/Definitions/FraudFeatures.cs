using Ecom.Features;
using static Ecom.Features.Aggregation;
using static Ecom.Features.ShopEventKind;

namespace Ecom.Fraud.Definitions;

/// <summary>What fraud remembers of cards, devices, addresses and customers: on keys of its own.</summary>
internal static class FraudFeatures
{
    // Where a device or an address meets a customer: signs of a person at work, not of a page being shown.
    private static readonly ShopEventKind[] _sightings =
        [PaymentAttempted, OrderPlaced, CustomerIdentified, CheckoutStarted, ProductAdded, ProductViewed];

    private static readonly FeatureDefinition[] _attempts =
        [.. OfCards(), .. OfDevices(), .. OfAddresses(), .. OfCustomers()];

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

    /// <summary>What a payment's attempt, and every other event, adds.</summary>
    public static FeatureSet Attempts { get; } = new(_attempts);

    /// <summary>What a payment's outcome adds.</summary>
    public static FeatureSet Outcomes { get; } = new(_outcomes);

    private static IEnumerable<FeatureDefinition> OfCards() =>
    [
        Count("card_payments", EntityKind.Card, "Payment attempts.", Hours(1), Days(1), Days(7)),
        Define("card_amount", EntityKind.Card, [PaymentAttempted], Sum, EventField.Amount,
            "Attempted amounts, minor units of the base currency.", Days(1)),
        Define("card_customers", EntityKind.Card, [PaymentAttempted], Distinct, EventField.Customer,
            "Different customers who tried it.", Days(7)),
        Define("card_devices", EntityKind.Card, [PaymentAttempted], Distinct, EventField.Device,
            "Different devices it was tried from.", Days(7)),
    ];

    private static IEnumerable<FeatureDefinition> OfDevices() =>
    [
        Count("device_payments", EntityKind.Device, "Payment attempts.", Hours(1), Days(1)),
        Define("device_cards", EntityKind.Device, [PaymentAttempted], Distinct, EventField.Card,
            "Different cards tried.", Hours(1), Days(1)),
        Define("device_customers", EntityKind.Device, _sightings, Distinct, EventField.Customer,
            "Different customers who paid or were seen.", Days(1), Days(7)),
        Define("device_mean_amount", EntityKind.Device, [PaymentAttempted], Mean, EventField.Amount,
            "Mean attempted amount, minor units of the base currency.", Hours(1)) with
        {
            Type = FeatureType.Real,
            Default = null,
        },
    ];

    private static IEnumerable<FeatureDefinition> OfAddresses() =>
    [
        Count("ip_payments", EntityKind.Ip, "Payment attempts.", Hours(1), Days(1)),
        Define("ip_cards", EntityKind.Ip, [PaymentAttempted], Distinct, EventField.Card,
            "Different cards tried.", Hours(1), Days(1)),
        Define("ip_customers", EntityKind.Ip, _sightings, Distinct, EventField.Customer,
            "Different customers who paid or were seen.", Days(1)),
    ];

    private static IEnumerable<FeatureDefinition> OfCustomers() =>
    [
        Count("customer_payments", EntityKind.Customer, "Payment attempts.", Hours(1), Days(1), Days(365)),
        Define("customer_amount", EntityKind.Customer, [PaymentAttempted], Sum, EventField.Amount,
            "Attempted amounts, minor units of the base currency.", Days(1)),
        Define("customer_mean_amount", EntityKind.Customer, [PaymentAttempted], Mean, EventField.Amount,
            "Mean attempted amount, minor units of the base currency.", Days(365)) with
        {
            Type = FeatureType.Real,
            Default = null,
        },
        Define("customer_cards", EntityKind.Customer, [PaymentAttempted], Distinct, EventField.Card,
            "Different cards tried.", Days(1), Days(7)),
        Define("customer_devices", EntityKind.Customer, [PaymentAttempted], Distinct, EventField.Device,
            "Different devices paid from.", Days(7)),
        Since("customer_since_first_payment", PaymentAttempted, "Time since the first payment attempt."),
        Since("customer_since_first_order", OrderPlaced, "Time since the first order."),
    ];

    private static FeatureDefinition Failures(string name, EntityKind entity, params TimeSpan[] windows) =>
        Count(name, entity, "Payment attempts that the processor refused.", windows) with
        {
            Filter = [new FieldEquals(EventField.Succeeded, "false")],
        };

    private static FeatureDefinition Since(string name, ShopEventKind shopEvent, string description) =>
        Define(name, EntityKind.Customer, [shopEvent], TimeSinceFirst, null, description, Days(365)) with
        {
            Type = FeatureType.Seconds,
            Default = null,
        };

    private static FeatureDefinition Count(
        string name, EntityKind entity, string description, params TimeSpan[] windows) =>
        Define(name, entity, [PaymentAttempted], Aggregation.Count, null, description, windows);

    private static FeatureDefinition Define(
        string name, EntityKind entity, ShopEventKind[] events, Aggregation aggregation, EventField? of,
        string description, params TimeSpan[] windows) => new()
        {
            Name = name,
            Entity = entity,
            Events = events,
            Aggregation = aggregation,
            Of = of,
            Windows = windows,
            Default = 0,
            Type = FeatureType.Integer,
            Description = description,
            Owner = "fraud",
        };

    private static TimeSpan Hours(int hours) => TimeSpan.FromHours(hours);

    private static TimeSpan Days(int days) => TimeSpan.FromDays(days);
}
