using System.Text.Json.Serialization;
using Ecom.Contracts.Payments;
using Ecom.Fraud.Scoring;

namespace Ecom.Fraud.Payments;

/// <summary>All that rules see of a payment; stored with its decision, which can be judged again from it.</summary>
internal sealed record PaymentFacts
{
    /// <summary>The names of <see cref="Texts"/>.</summary>
    public static IReadOnlyList<string> TextNames { get; } =
    [
        "card", "card_scheme", "card_country", "customer", "device", "ip", "ip_network", "ip_country", "email",
        "email_domain", "billing_country", "shipping_country", "currency", "billing_address", "shipping_address",
        "terminal",
    ];

    /// <summary>Numbers by name; what is missing or null is missing.</summary>
    public required IReadOnlyDictionary<string, double?> Vector { get; init; }

    /// <summary>Texts by name, those that are known. Card, addresses and e-mail are ingestion's keyed hashes.</summary>
    public IReadOnlyDictionary<string, string> Texts { get; init; } = new Dictionary<string, string>();

    /// <summary>What the model said when it was decided; null if it was not asked.</summary>
    public ModelOpinion? Opinion { get; init; }

    /// <summary>Which lists held which of the texts when it was decided.</summary>
    public IReadOnlyList<ListHit> Listed { get; init; } = [];

    /// <summary>The texts of a payment.</summary>
    public static IReadOnlyDictionary<string, string> TextsOf(PaymentAttempted payment)
    {
        string?[] values =
        [
            payment.CardHash, payment.CardScheme, payment.CardCountry, payment.CustomerId, payment.Source.DeviceId,
            payment.Source.IpHash, payment.Source.IpNetworkHash, payment.Source.IpCountry, payment.EmailHash,
            payment.EmailDomain, payment.BillingCountry, payment.ShippingCountry, payment.Amount.Currency,
            payment.BillingAddressHash, payment.ShippingAddressHash, payment.TerminalId,
        ];
        return TextNames.Zip(values).Where(pair => pair.Second is not null)
            .ToDictionary(pair => pair.First, pair => pair.Second!);
    }
}

/// <summary>A list held a text.</summary>
/// <param name="List">The list's name.</param>
/// <param name="Value">The text.</param>
internal readonly record struct ListHit(
    [property: JsonPropertyName("list")] string List, [property: JsonPropertyName("value")] string Value);
