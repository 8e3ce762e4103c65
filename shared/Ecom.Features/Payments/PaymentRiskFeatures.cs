using static Ecom.Features.Aggregation;
using static Ecom.Features.ShopEventKind;

namespace Ecom.Features.Payments;

/// <summary>
/// What the fraud model's features are made of: the habits of a customer, and what became known of the payments at a
/// terminal.
/// </summary>
/// <remarks>
/// A label is an event of its own, <see cref="PaymentDisputed"/> or <see cref="PaymentCleared"/>, at the moment it
/// arrived: so windows of labels are windows of arrival, and none counts before it was known. Windows up to 30 days
/// are exact.
/// </remarks>
public static class PaymentRiskFeatures
{
    private static readonly ShopEventKind[] _labels = [PaymentDisputed, PaymentCleared];

    /// <summary>All definitions, of customers and terminals.</summary>
    public static FeatureSet Set { get; } = new([.. OfCustomers(), .. OfTerminals()]);

    private static IEnumerable<FeatureDefinition> OfCustomers() =>
    [
        Define("customer_payments", EntityKind.Customer, [PaymentAttempted], Count, "Payment attempts.",
            Hours(1), Days(1), Days(7), Days(14), Days(30)),
        Define("customer_amount", EntityKind.Customer, [PaymentAttempted], Sum, "Attempted amounts.",
            Days(1), Days(7), Days(14), Days(30)),
        Define("customer_half_year_payments", EntityKind.Customer, [PaymentAttempted], Count,
            "Payment attempts, in whole days.", Days(180)) with
        { IsExact = false },
        Define("customer_half_year_amount", EntityKind.Customer, [PaymentAttempted], Sum,
            "Attempted amounts, in whole days.", Days(180)) with
        { IsExact = false },
        Define("customer_most_amount", EntityKind.Customer, [PaymentAttempted], Max, "Greatest attempted amount.",
            Days(180)) with
        { IsExact = false, Default = null },
        Since("customer_since_payment", EntityKind.Customer, PaymentAttempted, "Time since the attempt before."),
        Define("customer_frauds", EntityKind.Customer, [PaymentDisputed], Count, "Frauds that became known.",
            Days(7), Days(14), Days(30)),
        Since("customer_since_fraud", EntityKind.Customer, PaymentDisputed, "Time since a fraud became known."),
    ];

    private static IEnumerable<FeatureDefinition> OfTerminals() =>
    [
        Define("terminal_payments", EntityKind.Terminal, [PaymentAttempted], Count, "Payment attempts.",
            Days(1), Days(7), Days(30)),
        Define("terminal_amount", EntityKind.Terminal, [PaymentAttempted], Sum, "Attempted amounts.",
            Days(7), Days(30)),
        Define("terminal_labels", EntityKind.Terminal, _labels, Count,
            "Payments that became known as fraud or genuine.", Days(1), Days(3), Days(7), Days(14), Days(21), Days(30)),
        Define("terminal_frauds", EntityKind.Terminal, [PaymentDisputed], Count, "Frauds that became known.",
            Days(1), Days(3), Days(7), Days(14), Days(21), Days(28), Days(30)),
        Since("terminal_since_fraud", EntityKind.Terminal, PaymentDisputed, "Time since a fraud became known."),
        Since("terminal_since_cleared", EntityKind.Terminal, PaymentCleared,
            "Time since a payment became known as genuine."),
        Define("terminal_since_first_fraud", EntityKind.Terminal, [PaymentDisputed], TimeSinceFirst,
            "Time since the first fraud of the window became known.", Days(30)) with
        { Type = FeatureType.Seconds, Default = null },
    ];

    private static FeatureDefinition Since(
        string name, EntityKind entity, ShopEventKind shopEvent, string description) =>
        Define(name, entity, [shopEvent], TimeSinceLast, description, Days(180)) with
        {
            IsExact = false,
            Type = FeatureType.Seconds,
            Default = null,
        };

    private static FeatureDefinition Define(
        string name, EntityKind entity, ShopEventKind[] events, Aggregation aggregation, string description,
        params TimeSpan[] windows) => new()
        {
            Name = name,
            Entity = entity,
            Events = events,
            Aggregation = aggregation,
            Of = aggregation is Sum or Max ? EventField.Amount : null,
            IsExact = true,
            Windows = windows,
            Default = 0,
            Type = FeatureType.Integer,
            Description = description,
            Owner = "fraud",
        };

    private static TimeSpan Hours(int hours) => TimeSpan.FromHours(hours);

    private static TimeSpan Days(int days) => TimeSpan.FromDays(days);
}
