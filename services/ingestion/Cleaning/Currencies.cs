using System.Collections.Frozen;
using System.Globalization;

namespace Ecom.Ingestion.Cleaning;

/// <summary>ISO 4217: the currencies in use and their minor units.</summary>
internal static class Currencies
{
    private static readonly FrozenDictionary<string, int> _digits = Tables.Lines("currencies.txt")
        .Select(line => line.Split(' '))
        .ToFrozenDictionary(row => row[0], row => int.Parse(row[1], CultureInfo.InvariantCulture));

    /// <summary>_digits after the point (2 for GBP, 0 for JPY); null when the code is unknown.</summary>
    public static int? MinorDigits(string code) => _digits.TryGetValue(code, out var digits) ? digits : null;
}
