using System.Collections.Frozen;
using Ecom.ServiceDefaults.Tables;

namespace Ecom.Ingestion.Cleaning;

/// <summary>ISO 3166 countries by code or by English name.</summary>
internal static class Countries
{
    private static readonly FrozenDictionary<string, string> _codes = EmbeddedTable.Lines(
        typeof(Countries).Assembly, "countries.txt")
        .SelectMany(line => line[3..].Split('|').Append(line[..2]).Select(name => (Name: name, Code: line[..2])))
        .ToFrozenDictionary(row => row.Name, row => row.Code, StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The two-letter code; null when the text names no country. A country only describes: it costs no event.
    /// </summary>
    public static string? Code(string? text) =>
        text is not null && _codes.TryGetValue(text, out var code) ? code : null;
}
