using System.Collections.Frozen;
using Ecom.Contracts.Behaviour;
using Ecom.Ingestion.Cleaning;
using Ecom.Ingestion.Envelopes;
using Ecom.ServiceDefaults.Privacy;

namespace Ecom.Ingestion.Vocabulary;

/// <summary>
/// The event names that the platform understands (Segment's e-commerce vocabulary and ours) and their mapping.
/// </summary>
internal sealed class EventVocabulary
{
    private readonly FrozenDictionary<string, VocabularyEntry> _tracked;
    private readonly VocabularyEntry _page;
    private readonly VocabularyEntry _identify;

    public EventVocabulary(MoneyConverter converter, PersonalData personal, int mostOrderLines)
    {
        var money = new MoneyReader(converter);
        var interactions = new InteractionMapping(money);
        var orders = new OrderMapping(money, new OrderLines(money, personal, mostOrderLines));
        var payments = new PaymentMapping(money, personal);
        var identities = new IdentityMapping(personal);

        VocabularyEntry Behaviour(InteractionKind kind) => new(envelope => interactions.Map(envelope, kind));

        _page = Behaviour(InteractionKind.PageViewed);
        _identify = new VocabularyEntry(identities.Identified);
        _tracked = new Dictionary<string, VocabularyEntry>(StringComparer.OrdinalIgnoreCase)
        {
            ["Product Viewed"] = Behaviour(InteractionKind.ProductViewed),
            ["Product Clicked"] = Behaviour(InteractionKind.ProductClicked),
            ["Product Added"] = Behaviour(InteractionKind.ProductAdded),
            ["Product Removed"] = Behaviour(InteractionKind.ProductRemoved),
            ["Product Added to Wishlist"] = Behaviour(InteractionKind.ProductWished),
            ["Product Reviewed"] = Behaviour(InteractionKind.ProductReviewed),
            ["Products Searched"] = Behaviour(InteractionKind.Searched),
            ["Product List Viewed"] = Behaviour(InteractionKind.ListViewed),
            ["Cart Viewed"] = Behaviour(InteractionKind.CartViewed),
            ["Checkout Started"] = Behaviour(InteractionKind.CheckoutStarted),
            ["Recommendation Shown"] = Behaviour(InteractionKind.RecommendationShown),
            ["Recommendation Clicked"] = Behaviour(InteractionKind.RecommendationClicked),
            ["Order Completed"] = new(orders.Placed) { HasLines = true },
            ["Order Refunded"] = new(orders.Refunded) { HasLines = true },
            ["Order Cancelled"] = new(OrderMapping.Cancelled),
            ["Payment Attempted"] = new(payments.Attempted),
            ["Payment Disputed"] = new(PaymentMapping.Disputed) { NeedsUser = false },
        }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The entry for an event; null, with the fault set, if the platform does not know it.</summary>
    public VocabularyEntry? Find(Fields root, string? type, string? name)
    {
        switch (type)
        {
            case "page" or "screen":
                return _page;
            case "identify":
                return _identify;
            case "track" when name is null:
                root.Fail(Reasons.EventMissing, "event");
                return null;
            case "track":
                if (!_tracked.TryGetValue(name, out var entry))
                {
                    root.Fail(Reasons.UnknownEvent, "event", $"\"{CleanText.Cut(name, CleanText.LongestId)}\"");
                }

                return entry;
            default:
                root.Fail(Reasons.UnknownType, "type", "track, identify or page");
                return null;
        }
    }
}

/// <summary>How one kind of event is mapped.</summary>
internal sealed record VocabularyEntry(Func<Envelope, Mapped> Map)
{
    /// <summary>Whether it must name a customer or a browser.</summary>
    public bool NeedsUser { get; init; } = true;

    /// <summary>Whether its <c>products</c> are lines that are counted.</summary>
    public bool HasLines { get; init; }
}
