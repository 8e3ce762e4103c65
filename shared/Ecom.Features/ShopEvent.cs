namespace Ecom.Features;

/// <summary>The events that features are made of.</summary>
/// <remarks>An order or refund gives one event for the whole and one for each of its lines.</remarks>
public enum ShopEventKind
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

    /// <summary>Product rated.</summary>
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

    /// <summary>An order as a whole.</summary>
    OrderPlaced,

    /// <summary>One line of an order.</summary>
    ProductBought,

    /// <summary>An order was cancelled.</summary>
    OrderCancelled,

    /// <summary>A refund as a whole.</summary>
    OrderRefunded,

    /// <summary>One line of a refund.</summary>
    ProductReturned,

    /// <summary>Somebody tried to pay.</summary>
    PaymentAttempted,

    /// <summary>A payment was disputed; counts from the moment the dispute arrived.</summary>
    PaymentDisputed,

    /// <summary>An anonymous id turned out to belong to a customer.</summary>
    CustomerIdentified,

    /// <summary>A product was added or changed.</summary>
    ProductChanged,

    /// <summary>A payment turned out to be genuine; counts from the moment that was known.</summary>
    PaymentCleared,
}

/// <summary>The fields of a <see cref="ShopEvent"/> that definitions can name.</summary>
public enum EventField
{
    /// <summary>Known customer (text).</summary>
    Customer,

    /// <summary>Anonymous id (text).</summary>
    Anonymous,

    /// <summary>Product (text).</summary>
    Product,

    /// <summary>Category path (text).</summary>
    Category,

    /// <summary>Session (text).</summary>
    Session,

    /// <summary>Device (text).</summary>
    Device,

    /// <summary>Hash of the IP address (text).</summary>
    Ip,

    /// <summary>Hash of the network (text).</summary>
    IpNetwork,

    /// <summary>Country of the IP address (text).</summary>
    IpCountry,

    /// <summary>Hash of the card (text).</summary>
    Card,

    /// <summary>Country of the card's issuer (text).</summary>
    CardCountry,

    /// <summary>Billing country (text).</summary>
    BillingCountry,

    /// <summary>Shipping country (text).</summary>
    ShippingCountry,

    /// <summary>Hash of the e-mail address (text).</summary>
    Email,

    /// <summary>Domain of the e-mail address (text).</summary>
    EmailDomain,

    /// <summary>Merchant or card terminal (text).</summary>
    Terminal,

    /// <summary>Hash of the billing address (text).</summary>
    BillingAddress,

    /// <summary>Hash of the shipping address (text).</summary>
    ShippingAddress,

    /// <summary>"true" or "false": whether the processor took the payment (text).</summary>
    Succeeded,

    /// <summary>Money in minor units of the shop's base currency (number).</summary>
    Amount,

    /// <summary>Natural logarithm of the amount + 1, in thousandths (number).</summary>
    LogAmount,

    /// <summary>Square of <see cref="LogAmount"/> (number).</summary>
    LogAmountSquared,

    /// <summary>Units (number).</summary>
    Quantity,

    /// <summary>Rating in hundredths: 100 to 500 (number).</summary>
    Rating,
}

/// <summary>One thing that happened, flat: the only input of the engine, online and offline.</summary>
/// <remarks>Made from contract messages by <see cref="ShopEvents"/>, or read from the event history.</remarks>
public sealed record ShopEvent
{
    /// <summary>What happened.</summary>
    public required ShopEventKind Kind { get; init; }

    /// <summary>Id of the contract event it came from.</summary>
    public required Guid Id { get; init; }

    /// <summary>
    /// 0 for a whole event; 1, 2, … for the lines of an order or refund. Unique together with the id.
    /// </summary>
    public int Line { get; init; }

    /// <summary>
    /// Event time in milliseconds since 1970, UTC. Finer times are cut off, so that every store agrees.
    /// </summary>
    public required long AtMs { get; init; }

    /// <summary>Known customer; null while anonymous.</summary>
    public string? Customer { get; init; }

    /// <summary>Anonymous id; null if none.</summary>
    public string? Anonymous { get; init; }

    /// <summary>Product; null if it is about none.</summary>
    public string? Product { get; init; }

    /// <summary>Order, refund or payment number; null if it has none.</summary>
    public string? Reference { get; init; }

    /// <summary>Category path; null if not stated.</summary>
    public string? Category { get; init; }

    /// <summary>Session; null if not stated.</summary>
    public string? Session { get; init; }

    /// <summary>Device; null if not stated.</summary>
    public string? Device { get; init; }

    /// <summary>Hash of the IP address; null if not stated.</summary>
    public string? Ip { get; init; }

    /// <summary>Hash of the network; null if not stated.</summary>
    public string? IpNetwork { get; init; }

    /// <summary>Country of the IP address; null if unknown.</summary>
    public string? IpCountry { get; init; }

    /// <summary>Hash of the card; null if there is none.</summary>
    public string? Card { get; init; }

    /// <summary>Merchant or card terminal that takes the payment; null if the shop has but one.</summary>
    public string? Terminal { get; init; }

    /// <summary>Country of the card's issuer; null if unknown.</summary>
    public string? CardCountry { get; init; }

    /// <summary>Billing country; null if unknown.</summary>
    public string? BillingCountry { get; init; }

    /// <summary>Shipping country; null if unknown.</summary>
    public string? ShippingCountry { get; init; }

    /// <summary>Hash of the e-mail address; null if unknown.</summary>
    public string? Email { get; init; }

    /// <summary>Domain of the e-mail address; null if unknown.</summary>
    public string? EmailDomain { get; init; }

    /// <summary>Hash of the billing address; null if unknown.</summary>
    public string? BillingAddress { get; init; }

    /// <summary>Hash of the shipping address; null if unknown.</summary>
    public string? ShippingAddress { get; init; }

    /// <summary>Whether the processor took the payment; null if unknown or not a payment.</summary>
    public bool? Succeeded { get; init; }

    /// <summary>
    /// Minor units of the base currency: the order's, line's (units × price), refund's or payment's; null if none.
    /// </summary>
    public long? Amount { get; init; }

    /// <summary>
    /// Natural logarithm of the amount + 1, in thousandths; null if there is no amount, or a negative one.
    /// </summary>
    public long? LogAmount => Amount is >= 0 and var amount ? (long)Math.Round(1000 * Math.Log(1.0 + amount)) : null;

    /// <summary>Units; null if it is about none.</summary>
    public long? Quantity { get; init; }

    /// <summary>Rating in hundredths, 100 to 500; null if it is not a review.</summary>
    public long? Rating { get; init; }

    /// <summary>Part of a history import.</summary>
    public bool Backfill { get; init; }

    /// <summary>The text in a field; null if the event has none or the field is a number.</summary>
    public string? Text(EventField field) => field switch
    {
        EventField.Customer => Customer,
        EventField.Anonymous => Anonymous,
        EventField.Product => Product,
        EventField.Category => Category,
        EventField.Session => Session,
        EventField.Device => Device,
        EventField.Ip => Ip,
        EventField.IpNetwork => IpNetwork,
        EventField.IpCountry => IpCountry,
        EventField.Card => Card,
        EventField.CardCountry => CardCountry,
        EventField.BillingCountry => BillingCountry,
        EventField.ShippingCountry => ShippingCountry,
        EventField.Email => Email,
        EventField.EmailDomain => EmailDomain,
        EventField.Terminal => Terminal,
        EventField.BillingAddress => BillingAddress,
        EventField.ShippingAddress => ShippingAddress,
        EventField.Succeeded => Succeeded switch { true => "true", false => "false", null => null },
        _ => null,
    };

    /// <summary>The number in a field; null if the event has none or the field is a text.</summary>
    public long? Number(EventField field) => field switch
    {
        EventField.Amount => Amount,
        EventField.LogAmount => LogAmount,
        EventField.LogAmountSquared => LogAmount * LogAmount,
        EventField.Quantity => Quantity,
        EventField.Rating => Rating,
        _ => null,
    };

    /// <summary>The entity of a kind that this event belongs to; null if it names none.</summary>
    /// <remarks>An event of a known customer belongs to the customer only, never to its browser too.</remarks>
    public string? EntityId(EntityKind kind) => kind switch
    {
        EntityKind.Customer => Customer,
        EntityKind.Visitor => Customer is null ? Anonymous : null,
        EntityKind.Product => Product,
        EntityKind.Session => Session,
        EntityKind.Device => Device,
        EntityKind.Ip => Ip,
        EntityKind.IpNetwork => IpNetwork,
        EntityKind.Card => Card,
        EntityKind.Category => Category,
        EntityKind.Terminal => Terminal,
        EntityKind.EmailDomain => EmailDomain,
        EntityKind.Address => ShippingAddress ?? BillingAddress,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
