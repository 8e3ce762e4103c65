namespace Ecom.Simulator;

/// <summary>How large a simulated shop is and how long its history lasts.</summary>
public sealed record ShopOptions
{
    /// <summary>Everything random comes from it: equal options and end give equal bytes. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Products of the catalogue, at least 20. Default 200.</summary>
    public int Products { get; init; } = 200;

    /// <summary>Customers, at least 10; anonymous visitors and fraudsters come on top. Default 800.</summary>
    public int Customers { get; init; } = 800;

    /// <summary>Days of history before the end, at least 14. Default 180.</summary>
    public int Days { get; init; } = 180;

    /// <summary>Product pairs planted as bought together, at most a quarter of the products. Default 15.</summary>
    public int Pairs { get; init; } = 15;

    /// <summary>Rings: several new accounts on one device within hours. Default 4.</summary>
    public int Rings { get; init; } = 4;

    /// <summary>Device farms: new accounts on devices of their own behind one address. Default 1.</summary>
    public int DeviceFarms { get; init; } = 1;

    /// <summary>Bursts of small payments that try stolen cards from one device within minutes. Default 3.</summary>
    public int CardTestingBursts { get; init; } = 3;

    /// <summary>Payments with a stolen card or account for each genuine order, in [0, 0.2]. Default 0.01.</summary>
    public double StolenShare { get; init; } = 0.01;

    /// <summary>
    /// Customers' own payments that they dispute, for each genuine order, in [0, 0.2]. Default 0.002.
    /// </summary>
    public double FriendlyShare { get; init; } = 0.002;

    /// <summary>ISO 4217 code of every price. Default "GBP".</summary>
    public string Currency { get; init; } = "GBP";

    /// <summary>Whether events say <c>context.backfill: true</c>: they raise nothing. Default true.</summary>
    public bool Backfill { get; init; } = true;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Products, 20);
        ArgumentOutOfRangeException.ThrowIfLessThan(Customers, 10);
        ArgumentOutOfRangeException.ThrowIfLessThan(Days, 14);
        ArgumentOutOfRangeException.ThrowIfNegative(Pairs);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Pairs, Products / 4);
        ArgumentOutOfRangeException.ThrowIfNegative(Rings);
        ArgumentOutOfRangeException.ThrowIfNegative(DeviceFarms);
        ArgumentOutOfRangeException.ThrowIfNegative(CardTestingBursts);
        ArgumentOutOfRangeException.ThrowIfNegative(StolenShare);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(StolenShare, 0.2);
        ArgumentOutOfRangeException.ThrowIfNegative(FriendlyShare);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(FriendlyShare, 0.2);
    }
}
