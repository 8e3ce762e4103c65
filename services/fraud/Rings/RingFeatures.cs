using Ecom.Features;

namespace Ecom.Fraud.Rings;

/// <summary>The numbers that rules and models see of a payment's ring.</summary>
/// <remarks>
/// Of the ring as the payment makes it, those customers count that paid before it and within the window: strictly
/// earlier, in event time. Missing if the payment has no customer, or nothing that could tie it to others.
/// </remarks>
internal static class RingFeatures
{
    private static readonly TimeSpan _day = TimeSpan.FromDays(1);
    private static readonly TimeSpan _week = TimeSpan.FromDays(7);

    /// <summary>Their names, in the order of <see cref="Of"/>.</summary>
    /// <remarks>
    /// Customers; those that joined the ring within a day; those whose first payment ever was within a day, and a week;
    /// devices and cards; seconds since the first joined, missing if nobody did before.
    /// </remarks>
    public static IReadOnlyList<string> Names { get; } =
    [
        "ring_customers_with_this", "ring_joined_1d_with_this", "ring_new_customers_1d_with_this",
        "ring_new_customers_7d_with_this", "ring_devices_with_this", "ring_cards_with_this", "ring_age",
    ];

    /// <summary>The values.</summary>
    /// <param name="plan">What the payment does; null gives nothing but NaN.</param>
    /// <param name="window">How long a customer counts after its last payment.</param>
    public static double[] Of(RingPlan? plan, TimeSpan window)
    {
        if (plan is null)
        {
            return [.. Names.Select(_ => double.NaN)];
        }

        var (payment, at) = (plan.Payment, plan.Payment.At);
        var counted = Counted(plan, window);
        var joined = counted.Where(member => member.RingId is not null).Min(member => member.JoinedAt);
        var links = counted.SelectMany(member => member.Links)
            .Where(link => link.LastAt > at - window).Select(link => link.Link)
            .Concat(payment.Links).ToHashSet();
        return
        [
            counted.Count,
            plan.RingId is null ? 0 : counted.Count(member => at - (member.JoinedAt ?? at) < _day),
            counted.Count(member => at - member.FirstAt < _day),
            counted.Count(member => at - member.FirstAt < _week),
            links.Count(link => link.Kind == EntityKind.Device),
            links.Count(link => link.Kind == EntityKind.Card),
            joined < at ? (at - joined.Value).TotalSeconds : double.NaN,
        ];
    }

    /// <summary>The customers that count, the payment's own included.</summary>
    public static IReadOnlyList<RingMember> Counted(RingPlan plan, TimeSpan window) =>
    [
        .. plan.Members.Where(member => member.CustomerId == plan.Payment.Customer
            || (member.FirstAt < plan.Payment.At && member.LastAt > plan.Payment.At - window)),
    ];
}
