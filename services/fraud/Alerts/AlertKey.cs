using System.Globalization;
using Ecom.Contracts.Fraud;
using Ecom.Contracts.Payments;
using Ecom.Features;
using Ecom.Fraud.Scoring;

namespace Ecom.Fraud.Alerts;

/// <summary>What makes payments one alert: the entity that the leading reason is about, and that reason.</summary>
internal static class AlertKey
{
    // Without a reason the score alone decided.
    private const string NoReason = "score";

    // What a model found is one suspicion, whichever feature told most.
    private const string Model = "model";

    private static readonly EntityKind[] _kinds =
        [EntityKind.Customer, EntityKind.Card, EntityKind.Device, EntityKind.Ip];

    /// <summary>Entity and leading reason of a payment: "device:d-7|device_ring".</summary>
    /// <remarks>An entity that the payment lacks gives way to another; a payment without any is alone.</remarks>
    public static string BaseOf(
        PaymentAttempted payment, IReadOnlyList<FraudReason> reasons, IReadOnlyDictionary<string, EntityKind> entities)
    {
        var code = reasons.Count == 0 ? NoReason
            : reasons[0].Code.StartsWith(ModelReasons.Prefix, StringComparison.Ordinal) ? Model
            : reasons[0].Code;
        var about = entities.TryGetValue(code, out var stated) ? stated : KindOf(code);
        foreach (var kind in _kinds.OrderBy(kind => kind == about ? 0 : 1))
        {
            if (IdOf(payment, kind) is { } id)
            {
                return $"{kind.ToString().ToLowerInvariant()}:{id}|{code}";
            }
        }

        return $"payment:{payment.PaymentId}|{code}";
    }

    /// <summary>Key of the alert of a ring: its payments are one, whatever their reasons.</summary>
    public static string OfRing(Guid ringId) => $"ring:{ringId}|campaign";

    /// <summary>The key as others see it: with the begin of the window.</summary>
    public static string Of(string dedupBase, DateTimeOffset windowStart) => string.Create(
        CultureInfo.InvariantCulture, $"{dedupBase}|{windowStart.ToUniversalTime():yyyy-MM-ddTHH:mm:ss.FFFZ}");

    private static EntityKind KindOf(string code)
    {
        var word = code.Split('_')[0];
        return _kinds.FirstOrDefault(
            kind => kind.ToString().Equals(word, StringComparison.OrdinalIgnoreCase), EntityKind.Customer);
    }

    private static string? IdOf(PaymentAttempted payment, EntityKind kind) => kind switch
    {
        EntityKind.Customer => payment.CustomerId ?? payment.AnonymousId,
        EntityKind.Card => payment.CardHash,
        EntityKind.Device => payment.Source.DeviceId,
        EntityKind.Ip => payment.Source.IpHash,
        _ => null,
    };
}
