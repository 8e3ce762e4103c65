using Ecom.Contracts.Payments;
using Ecom.Features;
using Ecom.Fraud.Definitions;

namespace Ecom.Fraud.Payments;

/// <summary>The numbers that rules see of a payment: all of a decision's input, stored beside it.</summary>
/// <remarks>
/// What is remembered of its card, device, address and customer is read as it was before the payment. The features
/// ending in <c>_with_this</c> say what a distinct count becomes with the payment. A missing number fits no rule.
/// </remarks>
internal static class PaymentVector
{
    public const string Amount = "amount";
    public const string AmountOverMean = "amount_over_customer_mean";
    public const string CardCountryDiffers = "card_country_differs_from_ip";
    public const string BillingCountryDiffers = "billing_country_differs_from_card";
    public const string ShippingCountryDiffers = "shipping_country_differs_from_billing";
    public const string NewCustomer = "customer_is_new";
    private const string WithThis = "_with_this";
    private const string Mean = "customer_mean_amount_365d";
    private const string SinceFirstPayment = "customer_since_first_payment_365d";
    private const string SinceFirstOrder = "customer_since_first_order_365d";

    private static readonly EntityKind[] _kinds =
        [EntityKind.Card, EntityKind.Device, EntityKind.Ip, EntityKind.Customer];

    /// <summary>Every name that a vector has, in its order.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. _kinds.SelectMany(FraudFeatures.Set.FeaturesOf).SelectMany(feature =>
            IsDistinct(feature) ? [feature.Name, feature.Name + WithThis] : new[] { feature.Name }),
        Amount, AmountOverMean, CardCountryDiffers, BillingCountryDiffers, ShippingCountryDiffers, NewCustomer,
    ];

    /// <summary>The engine event of a payment. It depends on the payment only, not on the way it came.</summary>
    /// <remarks>Robots count here: a robot that pays is what fraud looks for.</remarks>
    public static ShopEvent EventOf(PaymentAttempted payment) => ShopEvents.From(payment with
    {
        EventId = PaymentIds.Attempt(payment.PaymentId),
        Source = payment.Source with { IsBot = false },
    })[0];

    /// <summary>The entities whose memory a payment needs.</summary>
    public static IReadOnlyList<EntityKey> EntitiesOf(ShopEvent payment) =>
    [
        .. _kinds.Append(EntityKind.Visitor)
            .Select(kind => (Kind: kind, Id: payment.EntityId(kind)))
            .Where(entity => entity.Id is not null)
            .Select(entity => new EntityKey(entity.Kind, entity.Id!)),
    ];

    /// <summary>The vector of a payment.</summary>
    /// <param name="payment">The payment.</param>
    /// <param name="before">The states of its entities, without it; they are changed.</param>
    public static IReadOnlyDictionary<string, double?> Of(ShopEvent payment, IEnumerable<EntityState> before)
    {
        var vector = Names.ToDictionary(name => name, _ => (double?)null);
        var at = DateTimeOffset.FromUnixTimeMilliseconds(payment.AtMs);
        foreach (var state in before)
        {
            // One millisecond earlier: an event of the same instant is not an earlier one.
            foreach (var value in state.Read(at.AddMilliseconds(-1)))
            {
                vector[value.Name] = value.Number;
            }

            state.Add(payment);
            foreach (var feature in FraudFeatures.Set.FeaturesOf(state.Kind).Where(IsDistinct))
            {
                vector[feature.Name + WithThis] = state.Read(feature, at).Number;
            }
        }

        vector[Amount] = payment.Amount;
        vector[AmountOverMean] = vector[Mean] is > 0 and var mean ? payment.Amount / mean : null;
        vector[CardCountryDiffers] = Differ(payment.CardCountry, payment.IpCountry);
        vector[BillingCountryDiffers] = Differ(payment.BillingCountry, payment.CardCountry);
        vector[ShippingCountryDiffers] = Differ(payment.ShippingCountry, payment.BillingCountry);
        vector[NewCustomer] = IsNew(payment, vector) ? 1 : 0;
        return vector;
    }

    private static bool IsNew(ShopEvent payment, Dictionary<string, double?> vector)
    {
        const double Day = 86_400;
        return payment.Customer is null
            || !(vector[SinceFirstPayment] >= Day || vector[SinceFirstOrder] >= Day);
    }

    private static bool IsDistinct(Feature feature) => feature.Definition.Aggregation == Aggregation.Distinct;

    private static double? Differ(string? one, string? other) =>
        one is null || other is null ? null : one == other ? 0 : 1;
}
