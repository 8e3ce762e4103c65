using Ecom.Features;
using static Ecom.Features.Aggregation;
using static Ecom.Features.ShopEventKind;

namespace Ecom.FeatureStore.Definitions;

/// <summary>The features of the shop. docs/features.md lists them; a test compares.</summary>
internal static class ShopFeatures
{
    private const string Recommendation = "recommendation";
    private const string Profiling = "profiling";
    private const string Fraud = "fraud";

    public static FeatureSet Set { get; } = new(
    [
        .. OfCustomers(), .. OfProducts(), .. OfSessions(), .. OfDevices(), .. OfAddresses(), .. OfCards(),
    ]);

    private static IEnumerable<FeatureDefinition> OfCustomers() =>
    [
        Integer("customer_orders", EntityKind.Customer, [OrderPlaced], Count, null, Profiling,
            "Orders placed.", Days(30), Days(90), Days(365)),
        Integer("customer_spend", EntityKind.Customer, [OrderPlaced], Sum, EventField.Amount, Profiling,
            "Order totals, minor units of the base currency.", Days(30), Days(90), Days(365)),
        Real("customer_basket", EntityKind.Customer, [OrderPlaced], Mean, EventField.Amount, Profiling,
            "Mean order total, minor units of the base currency.", Days(365)),
        Seconds("customer_since_order", EntityKind.Customer, [OrderPlaced], TimeSinceLast, Profiling,
            "Time since the newest order.", Days(365)),
        Seconds("customer_since_first_order", EntityKind.Customer, [OrderPlaced], TimeSinceFirst, Profiling,
            "Time since the oldest order of the window.", Days(365)),
        Integer("customer_products", EntityKind.Customer, [ProductBought], Distinct, EventField.Product, Profiling,
            "Different products bought.", Days(365)),
        Integer("customer_refunds", EntityKind.Customer, [OrderRefunded], Count, null, Profiling,
            "Refunds.", Days(90), Days(365)),
        Integer("customer_views", EntityKind.Customer, [ProductViewed], Count, null, Recommendation,
            "Product pages seen.", Hours(1), Days(1), Days(30)),
        Integer("customer_carts", EntityKind.Customer, [ProductAdded], Count, null, Recommendation,
            "Products put into the cart.", Days(1), Days(30)),
        Text("customer_last_viewed", EntityKind.Customer, [ProductViewed], EventField.Product, Recommendation,
            "The product seen last.", Days(30)),
        Integer("customer_payments", EntityKind.Customer, [PaymentAttempted], Count, null, Fraud,
            "Payment attempts.", Hours(1), Days(1)),
        Integer("customer_cards", EntityKind.Customer, [PaymentAttempted], Distinct, EventField.Card, Fraud,
            "Different cards tried.", Days(1), Days(30)),
    ];

    private static IEnumerable<FeatureDefinition> OfProducts() =>
    [
        Integer("product_views", EntityKind.Product, [ProductViewed], Count, null, Recommendation,
            "Times its page was seen.", Days(1), Days(7)),
        Integer("product_units", EntityKind.Product, [ProductBought], Sum, EventField.Quantity, Recommendation,
            "Units sold.", Days(7), Days(30)),
        Integer("product_buyers", EntityKind.Product, [ProductBought], Distinct, EventField.Customer, Recommendation,
            "Different known customers who bought it.", Days(30)),
        Integer("product_returned", EntityKind.Product, [ProductReturned], Sum, EventField.Quantity, Profiling,
            "Units that came back.", Days(90)),
        Real("product_rating", EntityKind.Product, [ProductReviewed], Mean, EventField.Rating, Recommendation,
            "Mean rating, 1 to 5.", Days(365)) with { Divisor = 100 },
        Real("product_price", EntityKind.Product, [ProductChanged], Last, EventField.Amount, Recommendation,
            "List price stated last, minor units of the base currency.", Days(365)),
    ];

    private static IEnumerable<FeatureDefinition> OfSessions() =>
    [
        Integer("session_views", EntityKind.Session, [ProductViewed], Count, null, Recommendation,
            "Product pages seen.", Hours(1), Days(1)),
        Integer("session_carts", EntityKind.Session, [ProductAdded], Count, null, Recommendation,
            "Products put into the cart.", Days(1)),
        Seconds("session_since_begin", EntityKind.Session, [PageViewed, ProductViewed, ListViewed], TimeSinceFirst,
            Recommendation, "Time since the first page seen.", Days(1)),
    ];

    private static IEnumerable<FeatureDefinition> OfDevices() =>
    [
        Integer("device_payments", EntityKind.Device, [PaymentAttempted], Count, null, Fraud,
            "Payment attempts.", Minutes(10), Hours(1), Days(1)),
        Integer("device_customers", EntityKind.Device, [PaymentAttempted], Distinct, EventField.Customer, Fraud,
            "Different customers who tried to pay.", Days(1), Days(30)),
    ];

    private static IEnumerable<FeatureDefinition> OfAddresses() =>
    [
        Integer("ip_payments", EntityKind.Ip, [PaymentAttempted], Count, null, Fraud,
            "Payment attempts.", Minutes(10), Hours(1), Days(1)),
        Integer("ip_cards", EntityKind.Ip, [PaymentAttempted], Distinct, EventField.Card, Fraud,
            "Different cards tried.", Hours(1), Days(1)),
    ];

    private static IEnumerable<FeatureDefinition> OfCards() =>
    [
        Integer("card_payments", EntityKind.Card, [PaymentAttempted], Count, null, Fraud,
            "Payment attempts.", Minutes(10), Hours(1), Days(1)),
        Integer("card_failures", EntityKind.Card, [PaymentAttempted], Count, null, Fraud,
            "Payment attempts that the processor refused.", Hours(1), Days(1))
            with { Filter = [new FieldEquals(EventField.Succeeded, "false")] },
        Integer("card_customers", EntityKind.Card, [PaymentAttempted], Distinct, EventField.Customer, Fraud,
            "Different customers who tried it.", Days(30)),
        Integer("card_disputes", EntityKind.Card, [PaymentDisputed], Count, null, Fraud,
            "Disputed payments, from the moment each dispute arrived.", Days(365)),
    ];

    private static FeatureDefinition Integer(
        string name, EntityKind entity, ShopEventKind[] events, Aggregation aggregation, EventField? of, string owner,
        string description, params TimeSpan[] windows) =>
        Define(name, entity, events, aggregation, of, owner, description, windows) with
        {
            Type = FeatureType.Integer,
            Default = 0,
        };

    private static FeatureDefinition Real(
        string name, EntityKind entity, ShopEventKind[] events, Aggregation aggregation, EventField of, string owner,
        string description, params TimeSpan[] windows) =>
        Define(name, entity, events, aggregation, of, owner, description, windows);

    private static FeatureDefinition Seconds(
        string name, EntityKind entity, ShopEventKind[] events, Aggregation aggregation, string owner,
        string description, params TimeSpan[] windows) =>
        Define(name, entity, events, aggregation, null, owner, description, windows) with
        {
            Type = FeatureType.Seconds,
        };

    private static FeatureDefinition Text(
        string name, EntityKind entity, ShopEventKind[] events, EventField of, string owner, string description,
        params TimeSpan[] windows) =>
        Define(name, entity, events, Last, of, owner, description, windows) with { Type = FeatureType.Text };

    private static FeatureDefinition Define(
        string name, EntityKind entity, ShopEventKind[] events, Aggregation aggregation, EventField? of, string owner,
        string description, TimeSpan[] windows) => new()
        {
            Name = name,
            Entity = entity,
            Events = events,
            Aggregation = aggregation,
            Of = of,
            Windows = windows,
            Type = FeatureType.Real,
            Description = description,
            Owner = owner,
        };

    private static TimeSpan Minutes(int minutes) => TimeSpan.FromMinutes(minutes);

    private static TimeSpan Hours(int hours) => TimeSpan.FromHours(hours);

    private static TimeSpan Days(int days) => TimeSpan.FromDays(days);
}
