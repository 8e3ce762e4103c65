using Ecom.Contracts.Payments;
using Ecom.Features;
using Ecom.Features.Payments;
using Ecom.Fraud.Rings;

namespace Ecom.Fraud.Payments;

/// <summary>The numbers that rules and models see of a payment: all of a decision's input, stored beside it.</summary>
/// <remarks>
/// A missing number fits no rule. See <see cref="PaymentRisk"/> and <see cref="RingFeatures"/> for what they mean.
/// </remarks>
internal static class PaymentVector
{
    public const string AmountOverMean = "amount_over_customer_mean";
    public const string CardCountryDiffers = "card_country_differs_from_ip";
    public const string BillingCountryDiffers = "billing_country_differs_from_card";
    public const string ShippingCountryDiffers = "shipping_country_differs_from_billing";
    public const string NewCustomer = "customer_is_new";

    private static readonly EntityKind[] _kinds =
    [
        EntityKind.Card, EntityKind.Device, EntityKind.Ip, EntityKind.Customer, EntityKind.Visitor,
        EntityKind.IpNetwork, EntityKind.Address, EntityKind.EmailDomain, EntityKind.Terminal,
    ];

    /// <summary>Every name that a vector has, in its order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. PaymentRisk.Names, .. RingFeatures.Names];

    /// <summary>The same names, as every vector that is made now shares them.</summary>
    public static VectorNames Shape { get; } = new(Names);

    /// <summary>The engine event of a payment. It depends on the payment only, not on the way it came.</summary>
    /// <remarks>Robots count here: a robot that pays is what fraud looks for.</remarks>
    public static ShopEvent EventOf(PaymentAttempted payment) => ShopEvents.From(payment with
    {
        EventId = PaymentIds.Attempt(payment.PaymentId),
        Source = payment.Source with { IsBot = false },
    })[0];

    /// <summary>The engine event of what became known of a payment: at that moment, of its entities.</summary>
    public static ShopEvent LabelOf(ShopEvent payment, bool fraud, DateTimeOffset knownAt) => payment with
    {
        Kind = fraud ? ShopEventKind.PaymentDisputed : ShopEventKind.PaymentCleared,
        Id = PaymentIds.Label(payment.Reference!, fraud),
        AtMs = knownAt.ToUnixTimeMilliseconds(),
    };

    /// <summary>The entities whose memory a payment needs.</summary>
    public static IReadOnlyList<EntityKey> EntitiesOf(ShopEvent payment) =>
    [
        .. _kinds.Select(kind => (Kind: kind, Id: payment.EntityId(kind)))
            .Where(entity => entity.Id is not null)
            .Select(entity => new EntityKey(entity.Kind, entity.Id!)),
    ];

    /// <summary>The entities that no other payment may change while one is decided.</summary>
    /// <remarks>
    /// Not those that most payments share — network, e-mail domain, terminal: one would wait for the other through the
    /// whole shop. Of payments that are decided at the same instant, their counts may lack one another.
    /// </remarks>
    public static IEnumerable<EntityKey> LockedOf(ShopEvent payment) => EntitiesOf(payment).Where(
        entity => entity.Kind is not (EntityKind.IpNetwork or EntityKind.EmailDomain or EntityKind.Terminal));

    /// <summary>The vector of a payment.</summary>
    /// <param name="payment">The payment.</param>
    /// <param name="before">The states of its entities, without it.</param>
    /// <param name="ring">The values of <see cref="RingFeatures"/>.</param>
    /// <param name="countries">Where countries lie; null if nobody said.</param>
    public static NamedVector Of(
        ShopEvent payment,
        IReadOnlyList<EntityState> before,
        IReadOnlyList<double> ring,
        CountryTable? countries = null)
    {
        var values = new double[Names.Count];
        PaymentRisk.Fill(payment, before, values.AsSpan(0, PaymentRisk.Names.Count), countries);
        for (var place = 0; place < ring.Count; place++)
        {
            values[PaymentRisk.Names.Count + place] = ring[place];
        }

        return new NamedVector(Shape, values);
    }
}
