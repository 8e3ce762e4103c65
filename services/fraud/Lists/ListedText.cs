using Ecom.ServiceDefaults.Privacy;

namespace Ecom.Fraud.Lists;

/// <summary>What is stored of a value for a list: as payments carry it, personal ones hashed.</summary>
internal static class ListedText
{
    private const int LongestValue = 255;
    private static readonly string[] _hashed =
        ["card", "ip", "ip_network", "email", "billing_address", "shipping_address"];

    /// <returns>Null if it is no value of the kind.</returns>
    public static string? Of(string entity, ListEntryRequest request, PersonalData personal)
    {
        if (request.Hash is { } hash)
        {
            return _hashed.Contains(entity) && request.Value is null
                && hash.Length == 32 && hash.All(char.IsAsciiHexDigitLower)
                ? hash
                : null;
        }

        if (request.Value is not { Length: > 0 and <= LongestValue } value)
        {
            return null;
        }

        return entity switch
        {
            "card" => (personal.CardNumber(value) ?? personal.Opaque(PersonalKind.CardFingerprint, value))?.Hash,
            "ip" => personal.Ip(value)?.Hash,
            "ip_network" => personal.Ip(value.Split('/')[0])?.Derived,
            "email" => personal.Email(value)?.Hash,
            "billing_address" or "shipping_address" => personal.Address(value)?.Hash,
            "email_domain" => value.ToLowerInvariant(),
            "card_country" or "ip_country" or "billing_country" or "shipping_country" =>
                value.Length == 2 && value.All(char.IsAsciiLetterUpper) ? value : null,
            _ => value,
        };
    }

    /// <summary>What a value of a kind must be.</summary>
    public static string Wanted(string entity) => entity switch
    {
        "card" => "Required: a card number or a processor's fingerprint, or hash: ingestion's.",
        "ip" or "ip_network" => "Required: an IP address, or hash: ingestion's.",
        "billing_address" or "shipping_address" => "Required: an address as one text, or hash: ingestion's.",
        "email" => "Required: an e-mail address, or hash: ingestion's.",
        "card_country" or "ip_country" or "billing_country" or "shipping_country" =>
            "Required: an ISO 3166 two-letter code, upper case.",
        _ => $"Required: 1 to {LongestValue} characters.",
    };
}
