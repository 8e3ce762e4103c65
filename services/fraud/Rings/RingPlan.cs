using Ecom.Fraud.Payments;

namespace Ecom.Fraud.Rings;

/// <summary>What a payment does to the rings: weighted union of the sets that its links tie together.</summary>
/// <remarks>
/// <para>
/// Every customer holds its ring, so finding is one look; of the rings that a payment unites the largest, of equals the
/// oldest, keeps its id and the others' customers are written anew. A customer is so at most log₂(n) times: n customers
/// cost O(n log n) (Hopcroft and Ullman, "Set Merging Algorithms", 1973), and the id of a campaign stays.
/// </para>
/// <para>Pure: equal surroundings give an equal plan, whatever their order.</para>
/// </remarks>
internal sealed record RingPlan
{
    public required RingPayment Payment { get; init; }

    /// <summary>By link of the payment: whether it holds the customer in the ring.</summary>
    public required IReadOnlyList<bool> Binds { get; init; }

    /// <summary>The ring that the payment's customer is in after it; null if it is tied to nobody.</summary>
    public required Guid? RingId { get; init; }

    /// <summary>Rings that go into it.</summary>
    public required IReadOnlyList<Guid> Absorbed { get; init; }

    /// <summary>Customers that were in no ring and are in this one after it.</summary>
    public required IReadOnlyList<string> Joining { get; init; }

    /// <summary>All its customers after it; the payment's own as it was before.</summary>
    public required IReadOnlyList<RingMember> Members { get; init; }

    /// <summary>Whether what the payment was made with ties it to another customer of the ring.</summary>
    public required bool IsTied { get; init; }

    /// <summary>Whether anybody comes into another ring by it.</summary>
    public bool Changes => Absorbed.Count > 0 || Joining.Count > 0;

    /// <summary>What it does to rings: formed, grown or merged; null if nothing.</summary>
    public string? Change => Absorbed.Count > 0 ? "merged"
        : Joining.Count == 0 ? null
        : Joining.Count == Members.Count ? "formed" : "grown";

    /// <summary>Plans.</summary>
    /// <param name="payment">The payment.</param>
    /// <param name="around">What is stored around it.</param>
    /// <param name="options">Limits.</param>
    public static RingPlan Of(RingPayment payment, RingSurroundings around, RingOptions options)
    {
        var own = around.Find(payment.Customer)
            ?? new RingMember { CustomerId = payment.Customer, FirstAt = payment.At, LastAt = payment.At };
        var united = new Dictionary<Set, IReadOnlyCollection<RingMember>> { [Set.Of(own)] = around.RingOf(own) };
        var count = united.Values.Single().Count;
        var binds = new bool[payment.Links.Count];
        var isTied = false;
        foreach (var (at, link) in payment.Links.Index())
        {
            var others = around.TiesOf(link).Where(tie => tie.CustomerId != payment.Customer).ToArray();
            if (others.Length >= options.MostOf(link.Kind))
            {
                continue;
            }

            var near = others.Where(tie => tie.Binds).Select(tie => around.Find(tie.CustomerId)!)
                .DistinctBy(Set.Of).Where(member => !united.ContainsKey(Set.Of(member)))
                .ToDictionary(Set.Of, around.RingOf);
            var more = near.Values.Sum(set => set.Count);
            if (more > 0 && count + more > options.MostCustomers)
            {
                continue;
            }

            near.ToList().ForEach(set => united.Add(set.Key, set.Value));
            count += more;
            binds[at] = true;
            isTied |= others.Any(tie => tie.Binds);
        }

        return Of(payment, united.Values, binds, isTied);
    }

    private static RingPlan Of(
        RingPayment payment,
        IReadOnlyCollection<IReadOnlyCollection<RingMember>> united,
        IReadOnlyList<bool> binds,
        bool isTied)
    {
        var rings = united.Where(set => set.First().RingId is not null)
            .OrderByDescending(set => set.Count)
            .ThenBy(set => set.Min(member => member.JoinedAt))
            .ThenBy(set => set.First().RingId)
            .Select(set => set.First().RingId!.Value)
            .ToArray();
        var id = rings.Length > 0 ? rings[0]
            : united.Count > 1 ? PaymentIds.Ring(payment.PaymentId)
            : (Guid?)null;
        RingMember[] members = [.. united.SelectMany(set => set).OrderBy(m => m.CustomerId, StringComparer.Ordinal)];
        return new RingPlan
        {
            Payment = payment,
            Binds = binds,
            RingId = id,
            Absorbed = [.. rings.Skip(1)],
            Joining = id is null
                ? []
                : [.. members.Where(member => member.RingId is null).Select(member => member.CustomerId)],
            Members = members,
            IsTied = isTied,
        };
    }

    // A ring, or a customer that is in none.
    private readonly record struct Set(Guid? RingId, string? Alone)
    {
        public static Set Of(RingMember member) =>
            member.RingId is { } id ? new Set(id, null) : new Set(null, member.CustomerId);
    }
}
