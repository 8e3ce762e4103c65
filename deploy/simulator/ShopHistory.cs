namespace Ecom.Simulator;

/// <summary>What a run of the simulator gives.</summary>
public sealed record ShopHistory
{
    /// <summary>The catalogue as it is at the end.</summary>
    public required IReadOnlyList<ShopProduct> Products { get; init; }

    /// <summary>The same as objects for <c>PUT /v1/products/bulk</c>, UTF-8, in the same order.</summary>
    public required IReadOnlyList<ReadOnlyMemory<byte>> Catalogue { get; init; }

    /// <summary>Events in the order of time.</summary>
    public required IReadOnlyList<ShopEvent> Events { get; init; }

    /// <summary>What is really so.</summary>
    public required ShopTruth Truth { get; init; }

    /// <summary>The same shop as one to simulate on top of: its products and registered customers.</summary>
    public ImportedShop AsImportedShop() =>
        new() { Products = Products, CustomerIds = [.. Truth.CustomerKinds.Keys.Order(StringComparer.Ordinal)] };
}

/// <summary>A shop that exists, for which the simulator makes what its history lacks.</summary>
public sealed record ImportedShop
{
    /// <summary>Products on sale; at least one. Stock is made, not read.</summary>
    public required IReadOnlyList<ShopProduct> Products { get; init; }

    /// <summary>Ids of known customers; at least one.</summary>
    public required IReadOnlyList<string> CustomerIds { get; init; }
}

/// <summary>How much happens on top of an imported shop.</summary>
public sealed record OnTopOptions
{
    /// <summary>Everything random comes from it. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Days before the end that are filled, at least 1. Default 2.</summary>
    public int Days { get; init; } = 2;

    /// <summary>Visits a day of known customers, at least 1; a quarter as many anonymous on top. Default 300.</summary>
    public int VisitsPerDay { get; init; } = 300;

    /// <summary>Rings of accounts. Default 1.</summary>
    public int Rings { get; init; } = 1;

    /// <summary>Device farms. Default 1.</summary>
    public int DeviceFarms { get; init; } = 1;

    /// <summary>Bursts of card tests. Default 1.</summary>
    public int CardTestingBursts { get; init; } = 1;

    /// <summary>Single frauds, half of them stolen cards, half stolen accounts. Default 4.</summary>
    public int SingleFrauds { get; init; } = 4;

    /// <summary>Customers' own payments that they will dispute. Default 1.</summary>
    public int FriendlyFrauds { get; init; } = 1;

    /// <summary>ISO 4217 code of every price. Default "GBP".</summary>
    public string Currency { get; init; } = "GBP";

    /// <summary>Whether events are marked as history. Default false: they raise alerts.</summary>
    public bool Backfill { get; init; }

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Days, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(VisitsPerDay, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Rings);
        ArgumentOutOfRangeException.ThrowIfNegative(DeviceFarms);
        ArgumentOutOfRangeException.ThrowIfNegative(CardTestingBursts);
        ArgumentOutOfRangeException.ThrowIfNegative(SingleFrauds);
        ArgumentOutOfRangeException.ThrowIfNegative(FriendlyFrauds);
    }
}
