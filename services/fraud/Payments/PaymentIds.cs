using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Ecom.Fraud.Payments;

/// <summary>Ids made of a payment's id: whichever way and however often it comes, they are the same.</summary>
internal static class PaymentIds
{
    /// <summary>The id under which a payment's attempt counts.</summary>
    public static Guid Attempt(string paymentId) => Make("attempt", paymentId);

    /// <summary>The id under which a payment's outcome counts.</summary>
    public static Guid Outcome(string paymentId) => Make("outcome", paymentId);

    /// <summary>The id under which a verdict on a payment counts, whoever gives it.</summary>
    public static Guid Label(string paymentId, bool fraud) => Make(fraud ? "fraud" : "genuine", paymentId);

    /// <summary>The id of the label of a payment that nobody disputed in time.</summary>
    public static Guid Matured(string paymentId) => Make("matured", paymentId);

    /// <summary>The message id of the announced decision.</summary>
    public static Guid Scored(string paymentId) => Make("scored", paymentId);

    /// <summary>The id of the alert, and of its messages.</summary>
    public static Guid Alert(string paymentId) => Make("alert", paymentId);

    /// <summary>The id of an alert's change, by the version that it made.</summary>
    public static Guid AlertUpdate(Guid alertId, int version) =>
        Make("alert update", string.Create(CultureInfo.InvariantCulture, $"{alertId}:{version}"));

    /// <summary>The id of the case that a payment's alert opens.</summary>
    public static Guid Case(string paymentId) => Make("case", paymentId);

    /// <summary>The id of the ring that a payment begins.</summary>
    public static Guid Ring(string paymentId) => Make("ring", paymentId);

    /// <summary>The id of the ring that a part of another one becomes, by a customer of it.</summary>
    public static Guid RingPart(Guid ringId, string customer) => Make("ring part", $"{ringId}:{customer}");

    /// <summary>The id of a case's change, by the version that it made.</summary>
    public static Guid CaseUpdate(Guid caseId, int version) =>
        Make("case update", string.Create(CultureInfo.InvariantCulture, $"{caseId}:{version}"));

    /// <summary>The id of the run that a suspended version of the model asks for.</summary>
    public static Guid Training(int version, DateTimeOffset suspendedAt) =>
        Make("training", string.Create(CultureInfo.InvariantCulture, $"{version}:{suspendedAt.UtcTicks}"));

    /// <summary>The message id of what was measured of a version until an instant.</summary>
    public static Guid Outcomes(int version, DateTimeOffset to) =>
        Make("outcomes", string.Create(CultureInfo.InvariantCulture, $"{version}:{to.UtcTicks}"));

    // A version 8 (custom) UUID of a SHA-256.
    private static Guid Make(string domain, string paymentId)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"ecom fraud {domain}:{paymentId}")).AsSpan(0, 16);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash, bigEndian: true);
    }
}
