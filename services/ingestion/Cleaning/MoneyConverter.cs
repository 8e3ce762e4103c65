using Ecom.Contracts;
using Ecom.ServiceDefaults.Tables;

namespace Ecom.Ingestion.Cleaning;

/// <summary>
/// Amounts in major units → <see cref="Money"/> in minor units of the stated and of the base currency.
/// </summary>
internal sealed class MoneyConverter
{
    // Beyond this an amount is a mistake, and sums of amounts could leave 64 bits.
    private const decimal LargestMinorAmount = 1e13m;

    private static readonly decimal[] _powers = [1m, 10m, 100m, 1_000m, 10_000m];

    private readonly int _baseDigits;
    private readonly Dictionary<string, (DateOnly From, decimal Rate)[]> _rates;

    public MoneyConverter(string baseCurrency, IEnumerable<CurrencyRate> rates)
    {
        BaseCurrency = baseCurrency;
        _baseDigits = Currencies.MinorDigits(baseCurrency)
            ?? throw new ArgumentException($"Not an ISO 4217 code: {baseCurrency}", nameof(baseCurrency));
        _rates = rates
            .GroupBy(rate => rate.Currency, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(
                group => group.Key.ToUpperInvariant(),
                group => group.OrderByDescending(rate => rate.From).Select(rate => (rate.From, rate.Rate)).ToArray());
    }

    /// <summary>The shop's base currency.</summary>
    public string BaseCurrency { get; }

    /// <summary>
    /// Units of the base currency for one unit of <paramref name="currency"/> on a day; null if not configured.
    /// </summary>
    public decimal? Rate(string currency, DateTimeOffset at)
    {
        if (currency == BaseCurrency)
        {
            return 1m;
        }

        if (!_rates.TryGetValue(currency, out var rates))
        {
            return null;
        }

        var day = DateOnly.FromDateTime(at.UtcDateTime);
        foreach (var (from, rate) in rates)
        {
            if (from <= day)
            {
                return rate;
            }
        }

        return null;
    }

    /// <summary>An amount in minor units, rounded half to even; null when it is absurdly large.</summary>
    public static long? ToMinor(decimal major, string currency)
    {
        if (Math.Abs(major) > LargestMinorAmount)
        {
            return null;
        }

        var minor = decimal.Round(major * _powers[Currencies.MinorDigits(currency) ?? 2], MidpointRounding.ToEven);
        return Math.Abs(minor) > LargestMinorAmount ? null : (long)minor;
    }

    /// <summary>
    /// The amount with its value in the base currency. The caller has checked the currency and the rate.
    /// </summary>
    public Money ToMoney(long minor, string currency, decimal rate)
    {
        var digits = Currencies.MinorDigits(currency) ?? 2;
        var inBase = minor * rate * _powers[_baseDigits] / _powers[digits];
        return new Money
        {
            Amount = minor,
            Currency = currency,
            BaseAmount = (long)decimal.Round(inBase, MidpointRounding.ToEven),
            BaseCurrency = BaseCurrency,
        };
    }
}

/// <summary>A row of the configured rates table.</summary>
internal sealed class CurrencyRate
{
    /// <summary>ISO 4217 code.</summary>
    public string Currency { get; init; } = "";

    /// <summary>First day (UTC) on which the rate holds. Default: always.</summary>
    public DateOnly From { get; init; } = DateOnly.MinValue;

    /// <summary>Units of the base currency for one unit of this one.</summary>
    public decimal Rate { get; init; }
}
