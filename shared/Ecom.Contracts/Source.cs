namespace Ecom.Contracts;

/// <summary>
/// Where a shop event came from: what decisions about fraud and sessions need, free of clear personal data.
/// </summary>
/// <remarks>Addresses, e-mails and card numbers are keyed hashes (hex) made by ingestion; null is unknown.</remarks>
public sealed record Source
{
    /// <summary>Session id of the storefront.</summary>
    public string? SessionId { get; init; }

    /// <summary>Device id of the storefront.</summary>
    public string? DeviceId { get; init; }

    /// <summary>Keyed hash of the IP address.</summary>
    public string? IpHash { get; init; }

    /// <summary>Keyed hash of the address's network: /24 of IPv4, /48 of IPv6.</summary>
    public string? IpNetworkHash { get; init; }

    /// <summary>ISO 3166 two-letter country of the address, as the storefront or its proxy stated it.</summary>
    public string? IpCountry { get; init; }

    /// <summary>Whether the user agent or its rate marks a robot; such events train and count nothing.</summary>
    public bool IsBot { get; init; }
}
