using System.Collections.Frozen;
using System.Globalization;

namespace Ecom.ServiceDefaults.Tables;

/// <summary>ISO 4217: the currencies in use and their minor units.</summary>
public static class Currencies
{
    private static readonly FrozenDictionary<string, int> _digits =
        EmbeddedTable.Lines(typeof(Currencies).Assembly, "currencies.txt")
            .Select(line => line.Split(' '))
            .ToFrozenDictionary(row => row[0], row => int.Parse(row[1], CultureInfo.InvariantCulture));

    /// <summary>Digits after the point (2 for GBP, 0 for JPY); null when the code is unknown.</summary>
    /// <param name="code">Three upper-case letters.</param>
    public static int? MinorDigits(string code) => _digits.TryGetValue(code, out var digits) ? digits : null;
}
