using System.Security.Cryptography;
using System.Text;
using Ecom.ServiceDefaults.Privacy;
using Microsoft.Extensions.Options;

namespace Ecom.Fraud.Webhooks;

/// <summary>
/// Makes secrets and keeps them encrypted (AES-256-GCM, the key derived from <c>Privacy:HashKey</c>): a copy of the
/// database alone signs nothing.
/// </summary>
internal sealed class WebhookSecrets(IOptions<PrivacyOptions> privacy)
{
    private const string Prefix = "whsec_";
    private const int Bytes = 32;

    private readonly byte[] _key = HKDF.DeriveKey(
        HashAlgorithmName.SHA256,
        Convert.FromBase64String(privacy.Value.HashKey),
        Bytes,
        info: "ecom fraud webhook secrets"u8.ToArray());

    public static string Make() => Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes));

    public byte[] Encrypt(string secret)
    {
        var clear = Encoding.UTF8.GetBytes(secret);
        var nonce = RandomNumberGenerator.GetBytes(AesGcm.NonceByteSizes.MaxSize);
        var cipher = new byte[clear.Length];
        var tag = new byte[AesGcm.TagByteSizes.MaxSize];
        using var aes = new AesGcm(_key, tag.Length);
        aes.Encrypt(nonce, clear, cipher, tag);
        return [.. nonce, .. tag, .. cipher];
    }

    /// <exception cref="CryptographicException">It was changed, or encrypted with another key.</exception>
    public string Decrypt(byte[] stored)
    {
        var (nonce, tag) = (AesGcm.NonceByteSizes.MaxSize, AesGcm.TagByteSizes.MaxSize);
        var clear = new byte[stored.Length - nonce - tag];
        using var aes = new AesGcm(_key, tag);
        aes.Decrypt(stored.AsSpan(0, nonce), stored.AsSpan(nonce + tag), stored.AsSpan(nonce, tag), clear);
        return Encoding.UTF8.GetString(clear);
    }
}
