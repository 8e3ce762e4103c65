using System.Text.Json.Serialization;

namespace Ecom.Contracts.Behaviour;

/// <summary>One thing that a visitor did.</summary>
public sealed record Interaction
{
    /// <summary>Unique id, given by ingestion.</summary>
    public required Guid EventId { get; init; }

    /// <summary>What the visitor did.</summary>
    public required InteractionKind Kind { get; init; }

    /// <summary>Known customer, 1–100 characters; null while anonymous.</summary>
    public string? CustomerId { get; init; }

    /// <summary>The storefront's id of the browser; null if it sent none. One of the two ids is always there.</summary>
    public string? AnonymousId { get; init; }

    /// <summary>The product it is about; null for pages and searches.</summary>
    public string? ProductId { get; init; }

    /// <summary>Category path or list, as stated by the storefront.</summary>
    public string? Category { get; init; }

    /// <summary>Units, for carts; 1 otherwise.</summary>
    public int Quantity { get; init; } = 1;

    /// <summary>Unit price shown; null if not stated.</summary>
    public Money? Price { get; init; }

    /// <summary>1 to 5, for reviews only.</summary>
    public double? Rating { get; init; }

    /// <summary>Search words, for searches only.</summary>
    public string? Query { get; init; }

    /// <summary>Path of the page, for page views only.</summary>
    public string? PagePath { get; init; }

    /// <summary>The recommendation answer that led here; null if none did.</summary>
    public string? RecommendationId { get; init; }

    /// <summary>Position in that answer, from 1; null if unknown.</summary>
    public int? Position { get; init; }

    /// <summary>Session, device and network.</summary>
    public required Source Source { get; init; }

    /// <summary>Event time, UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>When ingestion received it, UTC.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Part of a history import: changes state, raises no alert, webhook, reorder or segment event.</summary>
    public bool Backfill { get; init; }

    /// <summary>Customer id, else anonymous id: what a partitioned consumer orders by.</summary>
    public required string PartitionKey { get; init; }

    /// <summary>W3C trace context of the request that brought it; null if not sampled.</summary>
    public string? TraceParent { get; init; }
}

/// <summary>The kinds of interaction.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<InteractionKind>))]
public enum InteractionKind
{
    /// <summary>Product page seen.</summary>
    ProductViewed,

    /// <summary>Product clicked in a list.</summary>
    ProductClicked,

    /// <summary>Product put into the cart.</summary>
    ProductAdded,

    /// <summary>Product taken out of the cart.</summary>
    ProductRemoved,

    /// <summary>Product put on the wish list.</summary>
    ProductWished,

    /// <summary>Product rated, 1 to 5.</summary>
    ProductReviewed,

    /// <summary>Any page seen.</summary>
    PageViewed,

    /// <summary>Searched the shop.</summary>
    Searched,

    /// <summary>List or category page seen.</summary>
    ListViewed,

    /// <summary>Cart seen.</summary>
    CartViewed,

    /// <summary>Checkout begun.</summary>
    CheckoutStarted,

    /// <summary>A recommended product was shown.</summary>
    RecommendationShown,

    /// <summary>A recommended product was clicked.</summary>
    RecommendationClicked,
}
