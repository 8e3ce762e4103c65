namespace Ecom.Features;

/// <summary>What a feature can be about.</summary>
public enum EntityKind
{
    /// <summary>A known customer; a read adds what its anonymous ids did before it was known.</summary>
    Customer,

    /// <summary>An anonymous browser: holds the customer features of events without a customer.</summary>
    Visitor,

    /// <summary>A product.</summary>
    Product,

    /// <summary>A visit, as the storefront delimits it.</summary>
    Session,

    /// <summary>A device, as the storefront names it.</summary>
    Device,

    /// <summary>An IP address, by its keyed hash.</summary>
    Ip,

    /// <summary>A network (/24 of IPv4, /48 of IPv6), by its keyed hash.</summary>
    IpNetwork,

    /// <summary>A card or account, by its keyed hash.</summary>
    Card,

    /// <summary>A category path, as the storefront states it.</summary>
    Category,

    /// <summary>A merchant or card terminal that takes payments.</summary>
    Terminal,

    /// <summary>A domain of e-mail addresses.</summary>
    EmailDomain,

    /// <summary>A postal address, by its keyed hash: where the goods go, or the bill if they go nowhere.</summary>
    Address,
}

/// <summary>One entity.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Id">Its id, 1–100 characters, as the shop writes it.</param>
public readonly record struct EntityKey(EntityKind Kind, string Id);
