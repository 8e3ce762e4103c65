using Ecom.Contracts;
using Ecom.Ingestion.Cleaning;
using Ecom.Ingestion.Envelopes;
using Ecom.ServiceDefaults.Tables;

namespace Ecom.Ingestion.Vocabulary;

/// <summary>Reads currencies and amounts of an event.</summary>
internal sealed class MoneyReader(MoneyConverter converter)
{
    /// <summary>
    /// The event's currency with the day's rate, the base currency if none is stated; null if it cannot be used.
    /// </summary>
    public EventCurrency? Currency(Fields fields, DateTimeOffset at)
    {
        var code = fields.Text("currency")?.ToUpperInvariant() ?? converter.BaseCurrency;
        if (Currencies.MinorDigits(code) is null)
        {
            fields.Fail(Reasons.CurrencyUnknown, "currency");
            return null;
        }

        if (converter.Rate(code, at) is not { } rate)
        {
            fields.Fail(
                Reasons.NoRate,
                "currency",
                $"no rate from {code} to {converter.BaseCurrency}; set Ingestion:Rates or Ingestion:BaseCurrency");
            return null;
        }

        return new EventCurrency(code, rate);
    }

    /// <summary>A price that only describes: null if it is absent or zero, which shops send for "unknown".</summary>
    public Money? Price(Fields fields, string name, DateTimeOffset at)
    {
        if (fields.Number(name) is not { } price || price == 0)
        {
            return null;
        }

        if (price < 0)
        {
            fields.Fail(Reasons.PriceNotPositive, name);
            return null;
        }

        return Currency(fields, at) is { } currency ? Amount(fields, name, price, currency) : null;
    }

    /// <summary>An amount that must be there and not be negative; positive if <paramref name="positive"/>.</summary>
    public Money? Required(Fields fields, string name, EventCurrency currency, bool positive)
    {
        if (fields.Number(name) is not { } amount)
        {
            fields.Fail(Reasons.AmountMissing, name);
            return null;
        }

        if (amount < 0 || (positive && amount == 0))
        {
            fields.Fail(Reasons.AmountNotPositive, name);
            return null;
        }

        return Amount(fields, name, amount, currency);
    }

    /// <summary>Minor units with their value in the base currency.</summary>
    public Money OfMinor(long minor, EventCurrency currency) => converter.ToMoney(minor, currency.Code, currency.Rate);

    private Money? Amount(Fields fields, string name, decimal major, EventCurrency currency)
    {
        if (MoneyConverter.ToMinor(major, currency.Code) is { } minor)
        {
            return OfMinor(minor, currency);
        }

        fields.Fail(Reasons.AmountTooLarge, name);
        return null;
    }
}

/// <summary>A currency on the day of an event.</summary>
/// <param name="Code">ISO 4217.</param>
/// <param name="Rate">Units of the base currency for one unit.</param>
internal readonly record struct EventCurrency(string Code, decimal Rate);
