using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Ecom.Fraud.Webhooks;

/// <summary>Proves to a receiver that a delivery is ours and fresh.</summary>
internal static class WebhookSignature
{
    public const string Header = "X-Ecom-Signature";

    /// <summary>HMAC-SHA256 of "timestamp.body" with each live secret: <c>t=…,v1=…[,v1=…]</c>.</summary>
    /// <param name="secrets">Secrets as they were shown; the UTF-8 of the whole text is the key.</param>
    /// <param name="at">When it is sent; the receiver refuses what is old.</param>
    /// <param name="body">What is sent, byte by byte.</param>
    public static string Of(IEnumerable<string> secrets, DateTimeOffset at, string body)
    {
        var seconds = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signed = Encoding.UTF8.GetBytes($"{seconds}.{body}");
        var proofs = secrets.Select(secret =>
            $",v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed))}");
        return $"t={seconds}{string.Concat(proofs)}";
    }
}
