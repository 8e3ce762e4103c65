namespace Ecom.Simulator;

/// <summary>What is really so in a simulated shop: what models are measured against. No event carries it.</summary>
public sealed record ShopTruth
{
    /// <summary>Kind of each customer registered by the end, by id; fraudsters' accounts are left out.</summary>
    public required IReadOnlyDictionary<string, CustomerKind> CustomerKinds { get; init; }

    /// <summary>When each churned customer left, by id.</summary>
    public required IReadOnlyDictionary<string, DateTimeOffset> ChurnedAt { get; init; }

    /// <summary>Products planted as bought together.</summary>
    public required IReadOnlyList<PlantedPair> Pairs { get; init; }

    /// <summary>Every fraudulent payment, by payment id. A payment that is missing here is genuine.</summary>
    public required IReadOnlyDictionary<string, FraudPayment> FraudPayments { get; init; }

    /// <summary>Rings, device farms and card-testing bursts in the order of time.</summary>
    public required IReadOnlyList<FraudRing> Rings { get; init; }

    /// <summary>Homes, offices and cafés whose honest customers share an address.</summary>
    public required IReadOnlyList<SharedPlace> SharedPlaces { get; init; }

    /// <summary>Promotions in the order of their start.</summary>
    public required IReadOnlyList<Promotion> Promotions { get; init; }

    /// <summary>Units ordered by genuine customers, by product and Monday (UTC); zero weeks are left out.</summary>
    public required IReadOnlyDictionary<(string ProductId, DateOnly Week), int> WeeklyDemand { get; init; }
}

/// <summary>How a customer behaves.</summary>
public enum CustomerKind
{
    /// <summary>Comes weekly, buys often, knows what it likes.</summary>
    Loyal,

    /// <summary>Comes now and then.</summary>
    Occasional,

    /// <summary>Comes and buys when something is cheaper.</summary>
    BargainHunter,

    /// <summary>Registered within the last weeks.</summary>
    New,

    /// <summary>Was a good customer and left for good.</summary>
    Churned,
}

/// <summary>What kind of fraud a payment is.</summary>
public enum FraudKind
{
    /// <summary>A new account, a foreign card, a dear basket.</summary>
    StolenCard,

    /// <summary>Somebody else in an old customer's account: new device, other country.</summary>
    AccountTakeover,

    /// <summary>Many cards tried with small amounts from one device within minutes.</summary>
    CardTesting,

    /// <summary>Several new accounts on one device within hours.</summary>
    Ring,

    /// <summary>New accounts, each on an emulated device of its own, behind one address and with few cards.</summary>
    DeviceFarm,

    /// <summary>
    /// A customer's own purchase, which the same customer disputes: nothing about the payment is odd.
    /// </summary>
    Friendly,
}

/// <summary>Two products that are often in one basket.</summary>
/// <param name="First">Product id.</param>
/// <param name="Second">Product id.</param>
public sealed record PlantedPair(string First, string Second);

/// <summary>A fraudulent payment.</summary>
/// <param name="PaymentId">The payment.</param>
/// <param name="Kind">What kind of fraud.</param>
/// <param name="Ring">Id of its ring or burst; null for a single act.</param>
public sealed record FraudPayment(string PaymentId, FraudKind Kind, string? Ring);

/// <summary>A ring or farm of accounts, or a burst of card tests: one address, mostly one device.</summary>
public sealed record FraudRing
{
    /// <summary>Unique id.</summary>
    public required string Ring { get; init; }

    /// <summary>Ring, DeviceFarm or CardTesting.</summary>
    public required FraudKind Kind { get; init; }

    /// <summary>The device that all its payments share; null for a device farm.</summary>
    public required string? DeviceId { get; init; }

    /// <summary>The address that all its payments share.</summary>
    public required string Ip { get; init; }

    /// <summary>First payment, UTC.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Last payment, UTC.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>Its accounts; empty for card testing, which is anonymous.</summary>
    public required IReadOnlyList<string> Accounts { get; init; }
}

/// <summary>Honest customers behind one address; in some homes two share a device or a card.</summary>
/// <param name="Ip">The address.</param>
/// <param name="IsOffice">An office or café of up to twenty customers, who also buy elsewhere; else a home.</param>
/// <param name="Customers">Their ids; a customer may be of a home and of offices.</param>
public sealed record SharedPlace(string Ip, bool IsOffice, IReadOnlyList<string> Customers);

/// <summary>A category is cheaper for some days.</summary>
/// <param name="Code">Coupon code that its orders carry.</param>
/// <param name="Category">The category.</param>
/// <param name="From">First day.</param>
/// <param name="Until">Last day, included.</param>
/// <param name="Discount">Share of the price that is taken off, in (0, 1).</param>
public sealed record Promotion(string Code, string Category, DateOnly From, DateOnly Until, double Discount);
