namespace Ecom.Contracts;

/// <summary>
/// An amount as the shop stated it and in the shop's base currency, both in minor units (cents, pence).
/// </summary>
/// <remarks>The base amount is converted by ingestion at the event day's rate; consumers add base amounts
/// only.</remarks>
public sealed record Money
{
    /// <summary>Minor units of <see cref="Currency"/>.</summary>
    public required long Amount { get; init; }

    /// <summary>ISO 4217 code, upper case.</summary>
    public required string Currency { get; init; }

    /// <summary>Minor units of <see cref="BaseCurrency"/>.</summary>
    public required long BaseAmount { get; init; }

    /// <summary>The shop's base currency, ISO 4217.</summary>
    public required string BaseCurrency { get; init; }
}
