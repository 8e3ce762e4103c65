namespace Ecom.Simulator;

/// <summary>A person with tastes, devices and cards. Anonymous visitors have no id.</summary>
internal sealed class Customer
{
    public required string? Id { get; init; }

    public required CustomerKind Kind { get; init; }

    public required string Email { get; init; }

    public required string Country { get; init; }

    public required IReadOnlyList<Device> Devices { get; set; }

    public required IReadOnlyList<Card> Cards { get; set; }

    /// <summary>Favourite categories; repeated entries weigh more.</summary>
    public required IReadOnlyList<int> Favourites { get; init; }

    public required string? FavouriteBrand { get; init; }

    /// <summary>Visits a day, before seasons.</summary>
    public required double VisitsPerDay { get; init; }

    public required DateTimeOffset ActiveFrom { get; init; }

    /// <summary>When the customer leaves for good; null = stays.</summary>
    public DateTimeOffset? ChurnedAt { get; init; }

    /// <summary>Set by the first registration.</summary>
    public DateTimeOffset? RegisteredAt { get; set; }

    /// <summary>Products bought so far: some are bought again.</summary>
    public List<int> Bought { get; } = [];
}

/// <summary>A browser on a machine behind an address.</summary>
internal sealed record Device(string DeviceId, string AnonymousId, string Ip, string UserAgent, string IpCountry);

/// <summary>A payment card.</summary>
internal sealed record Card(string Fingerprint, string Scheme, string Country);
