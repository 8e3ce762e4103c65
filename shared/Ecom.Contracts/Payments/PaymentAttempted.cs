namespace Ecom.Contracts.Payments;

/// <summary>Somebody tried to pay. Published once per payment id by ingestion; what fraud decides on.</summary>
public sealed record PaymentAttempted
{
    /// <summary>Unique id, given by ingestion; also the message id.</summary>
    public required Guid EventId { get; init; }

    /// <summary>The shop's payment id, unique, 1–100 characters.</summary>
    public required string PaymentId { get; init; }

    /// <summary>The order it pays; null if not known yet.</summary>
    public string? OrderId { get; init; }

    /// <summary>Known customer; null if anonymous.</summary>
    public string? CustomerId { get; init; }

    /// <summary>Browser id; null if not stated.</summary>
    public string? AnonymousId { get; init; }

    /// <summary>What is to be paid.</summary>
    public required Money Amount { get; init; }

    /// <summary>Keyed hash of the card or account; null if not a card.</summary>
    public string? CardHash { get; init; }

    /// <summary>Card scheme, lower case ("visa"); null if unknown.</summary>
    public string? CardScheme { get; init; }

    /// <summary>ISO 3166 country of the card's issuer; null if unknown.</summary>
    public string? CardCountry { get; init; }

    /// <summary>Domain of the e-mail address, lower case; null if unknown.</summary>
    public string? EmailDomain { get; init; }

    /// <summary>Keyed hash of the e-mail address; null if unknown.</summary>
    public string? EmailHash { get; init; }

    /// <summary>ISO 3166 billing country; null if unknown.</summary>
    public string? BillingCountry { get; init; }

    /// <summary>ISO 3166 shipping country; null if unknown.</summary>
    public string? ShippingCountry { get; init; }

    /// <summary>Keyed hash of the billing address as one text, letters and digits only; null if not stated.</summary>
    public string? BillingAddressHash { get; init; }

    /// <summary>Keyed hash of the shipping address, made like the billing one's; null if not stated.</summary>
    public string? ShippingAddressHash { get; init; }

    /// <summary>Merchant or card terminal that takes it, 1–100 characters; null if the shop has but one.</summary>
    public string? TerminalId { get; init; }

    /// <summary>Whether the processor took it; null if not known yet.</summary>
    public bool? Succeeded { get; init; }

    /// <summary>Session, device and network.</summary>
    public required Source Source { get; init; }

    /// <summary>Event time, UTC.</summary>
    public required DateTimeOffset AttemptedAt { get; init; }

    /// <summary>When ingestion received it, UTC.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Part of a history import: changes state, raises nothing.</summary>
    public bool Backfill { get; init; }

    /// <summary>Customer id, else card hash, else payment id.</summary>
    public required string PartitionKey { get; init; }

    /// <summary>W3C trace context of the request that brought it; null if not sampled.</summary>
    public string? TraceParent { get; init; }
}
