using Ecom.Features;

namespace Ecom.Fraud.Rings;

/// <summary>A customer with the ring that it is in.</summary>
internal sealed record RingMember
{
    public required string CustomerId { get; init; }

    /// <summary>Null while nothing ties it to another customer.</summary>
    public Guid? RingId { get; init; }

    /// <summary>Its first payment, event time.</summary>
    public required DateTimeOffset FirstAt { get; init; }

    /// <summary>Its last payment, event time.</summary>
    public required DateTimeOffset LastAt { get; init; }

    /// <summary>The payment that tied it to others, event time; null if none did.</summary>
    public DateTimeOffset? JoinedAt { get; init; }

    /// <summary>Devices and cards that it paid with, and when last.</summary>
    public IReadOnlyList<(EntityKey Link, DateTimeOffset LastAt)> Links { get; init; } = [];
}

/// <summary>A customer paid with something.</summary>
/// <param name="Link">The device, card or address.</param>
/// <param name="CustomerId">The customer.</param>
/// <param name="Binds">Whether it holds the two in one ring: not if too many others shared the link then.</param>
internal readonly record struct RingTie(EntityKey Link, string CustomerId, bool Binds);

/// <summary>What is stored around payments that share no link and no customer.</summary>
internal sealed class RingSurroundings
{
    private readonly ILookup<EntityKey, RingTie> _ties;
    private readonly Dictionary<string, RingMember> _members;
    private readonly ILookup<Guid?, RingMember> _rings;

    /// <param name="ties">
    /// Ties of the links that count at the payments' times: of one that many share, as many as its limit and one more.
    /// </param>
    /// <param name="members">Their customers that are known, all of those ties, and all of their rings.</param>
    public RingSurroundings(IEnumerable<RingTie> ties, IEnumerable<RingMember> members)
    {
        _ties = ties.ToLookup(tie => tie.Link);
        _members = members.ToDictionary(member => member.CustomerId);
        _rings = _members.Values.ToLookup(member => member.RingId);
    }

    public IEnumerable<RingTie> TiesOf(EntityKey link) => _ties[link];

    /// <summary>Null if it never paid.</summary>
    public RingMember? Find(string customer) => _members.GetValueOrDefault(customer);

    /// <summary>All that are in a customer's ring, itself included; itself alone if it is in none.</summary>
    public IReadOnlyCollection<RingMember> RingOf(RingMember member) =>
        member.RingId is null ? [member] : [.. _rings[member.RingId]];
}
