namespace Ecom.Fraud.Rings;

/// <summary>A payment of a ring that is large enough: what it raises is the ring's.</summary>
internal sealed record Campaign
{
    public required Guid RingId { get; init; }

    /// <summary>Customers that paid within the window, the payment's own included.</summary>
    public required IReadOnlyList<string> Customers { get; init; }

    /// <summary>Null if the payment was made with nothing that ties it to others, or the ring is too small.</summary>
    public static Campaign? Of(RingPlan? plan, RingOptions options)
    {
        if (plan is not { RingId: { } id, IsTied: true })
        {
            return null;
        }

        var counted = RingFeatures.Counted(plan, options.Window);
        return counted.Count < options.CampaignFrom
            ? null
            : new Campaign { RingId = id, Customers = [.. counted.Select(member => member.CustomerId)] };
    }
}
