using Ecom.Features;
using Ecom.Fraud.Rings;

namespace Ecom.UnitTests.Fraud;

/// <summary>Rings in memory, as the service keeps them in its tables.</summary>
internal sealed class RingMemory(RingOptions options)
{
    private readonly Dictionary<string, RingMember> _members = [];
    private readonly Dictionary<(EntityKey Link, string Customer), (bool Binds, DateTimeOffset At)> _ties = [];

    public RingPlan Plan(RingPayment payment)
    {
        var ties = _ties.Where(tie => payment.Links.Contains(tie.Key.Link)
                && (tie.Value.At - payment.At).Duration() < options.WindowOf(tie.Key.Link.Kind))
            .Select(tie => new RingTie(tie.Key.Link, tie.Key.Customer, tie.Value.Binds)).ToArray();
        var near = ties.Select(tie => tie.CustomerId).Append(payment.Customer).ToHashSet();
        var ids = near.Select(_members.GetValueOrDefault).Select(member => member?.RingId).OfType<Guid>().ToHashSet();
        return RingPlan.Of(payment, new RingSurroundings(ties, [.. _members.Values
            .Where(m => near.Contains(m.CustomerId) || (m.RingId is { } id && ids.Contains(id)))
            .Select(m => m with { Links = LinksOf(m.CustomerId) })]), options);
    }

    public RingPlan Add(RingPayment payment)
    {
        var plan = Plan(payment);
        foreach (var member in plan.Members)
        {
            var isOwn = member.CustomerId == payment.Customer;
            _members[member.CustomerId] = member with
            {
                RingId = plan.RingId,
                JoinedAt = member.JoinedAt ?? (plan.RingId is null ? null : payment.At),
                FirstAt = isOwn && payment.At < member.FirstAt ? payment.At : member.FirstAt,
                LastAt = isOwn && payment.At > member.LastAt ? payment.At : member.LastAt,
            };
        }

        foreach (var (link, binds) in payment.Links.Zip(plan.Binds))
        {
            var known = _ties.GetValueOrDefault((link, payment.Customer));
            var holds = known.Binds && known.At > payment.At - options.WindowOf(link.Kind);
            _ties[(link, payment.Customer)] = (binds || holds, known.At > payment.At ? known.At : payment.At);
        }

        return plan;
    }

    public string[][] Sets() =>
    [
        .. _members.Values.GroupBy(member => member.RingId?.ToString() ?? member.CustomerId)
            .Select(set => set.Select(member => member.CustomerId).Order(StringComparer.Ordinal).ToArray())
            .OrderBy(set => string.Join(' ', set), StringComparer.Ordinal),
    ];

    private (EntityKey Link, DateTimeOffset LastAt)[] LinksOf(string customer) =>
    [
        .. _ties.Where(tie => tie.Key.Customer == customer && tie.Key.Link.Kind != EntityKind.Ip)
            .Select(tie => (tie.Key.Link, tie.Value.At)),
    ];
}
