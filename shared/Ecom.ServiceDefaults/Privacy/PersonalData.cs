using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Ecom.ServiceDefaults.Privacy;

/// <summary>Turns personal values into keyed hashes before anything is stored or sent.</summary>
/// <remarks>
/// HMAC-SHA-256 cut to 128 bits, in hex; each kind of value has its own domain, so that equal texts of two kinds do not
/// meet. A rejected event is stored with <see cref="Seal"/>ed values, and reads the same when it is replayed. Services
/// that share the key see the same hash for the same value.
/// </remarks>
/// <param name="key">The secret of <see cref="PrivacyOptions.HashKey"/>.</param>
public sealed class PersonalData(byte[] key)
{
    private const string SealMark = "sealed:";
    private const int HashBytes = 16;

    /// <summary>Keyed hash of a clean value.</summary>
    public string Hash(PersonalKind kind, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var bytes = Encoding.UTF8.GetBytes($"{kind}:{value}");
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, bytes, hash);
        return Convert.ToHexStringLower(hash[..HashBytes]);
    }

    /// <summary>Hash and domain of an e-mail address; null when the text is none.</summary>
    public HashedValue? Email(string? text)
    {
        if (text is null || IsSealed(text))
        {
            return Unseal(text);
        }

        var address = text.ToLowerInvariant();
        var at = address.IndexOf('@', StringComparison.Ordinal);
        return at > 0 && at == address.LastIndexOf('@') && at < address.Length - 1
            ? new HashedValue(Hash(PersonalKind.Email, address), address[(at + 1)..])
            : null;
    }

    /// <summary>
    /// Hash of an address and of its network (/24 of IPv4, /48 of IPv6); null when the text is no address.
    /// </summary>
    public HashedValue? Ip(string? text)
    {
        if (text is null || IsSealed(text))
        {
            return Unseal(text);
        }

        if (!IPAddress.TryParse(text, out var address))
        {
            return null;
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var network = address.GetAddressBytes();
        network.AsSpan(address.AddressFamily == AddressFamily.InterNetwork ? 3 : 6).Clear();
        return new HashedValue(
            Hash(PersonalKind.Ip, address.ToString()),
            Hash(PersonalKind.IpNetwork, new IPAddress(network).ToString()));
    }

    /// <summary>Hash and scheme of a card number; null when there are too few or too many digits.</summary>
    public HashedValue? CardNumber(string? text)
    {
        if (text is null || IsSealed(text))
        {
            return Unseal(text);
        }

        var digits = string.Concat(text.Where(char.IsAsciiDigit));
        return digits.Length is >= 12 and <= 19
            ? new HashedValue(Hash(PersonalKind.Card, digits), Scheme(digits))
            : null;
    }

    /// <summary>Hash of a processor's card fingerprint or of a phone number's digits.</summary>
    public HashedValue? Opaque(PersonalKind kind, string? text)
    {
        if (text is null || IsSealed(text))
        {
            return Unseal(text);
        }

        var value = kind == PersonalKind.Phone ? string.Concat(text.Where(char.IsAsciiDigit)) : text;
        return value.Length == 0 ? null : new HashedValue(Hash(kind, value), null);
    }

    /// <summary>Hash of a postal address as one text, of which only letters and digits count, in one case.</summary>
    /// <returns>Null when there is none in it.</returns>
    public HashedValue? Address(string? text)
    {
        if (text is null || IsSealed(text))
        {
            return Unseal(text);
        }

        var value = string.Concat(text.Where(char.IsLetterOrDigit)).ToLowerInvariant();
        return value.Length == 0 ? null : new HashedValue(Hash(PersonalKind.Address, value), null);
    }

    /// <summary>The text that stands for a hashed value where an event is kept for replay.</summary>
    public string Seal(HashedValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var content = $"{value.Hash}:{value.Derived}";
        return $"{SealMark}{content}:{Hash(PersonalKind.Seal, content)}";
    }

    private static bool IsSealed(string text) => text.StartsWith(SealMark, StringComparison.Ordinal);

    // A seal carries a hash of itself, so that no sender can claim the hash of a value that it does not know.
    private HashedValue? Unseal(string? text)
    {
        if (text?.Split(':') is not [_, var hash, var derived, var proof])
        {
            return null;
        }

        var expected = Hash(PersonalKind.Seal, $"{hash}:{derived}");
        return CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(proof), Encoding.UTF8.GetBytes(expected))
            ? new HashedValue(hash, derived.Length == 0 ? null : derived)
            : null;
    }

    private static string? Scheme(string digits) => digits[0] switch
    {
        '4' => "visa",
        '5' when digits[1] is >= '1' and <= '5' => "mastercard",
        '2' when string.CompareOrdinal(digits[..4], "2221") >= 0 && string.CompareOrdinal(digits[..4], "2720") <= 0
            => "mastercard",
        '3' when digits[1] is '4' or '7' => "amex",
        '6' => "discover",
        _ => null,
    };
}

/// <summary>
/// A keyed hash with what was derived from the clear value first: e-mail domain, network hash, card scheme.
/// </summary>
/// <param name="Hash">32 hexadecimal digits.</param>
/// <param name="Derived">What was derived; null if nothing could be.</param>
public sealed record HashedValue(string Hash, string? Derived);

/// <summary>Domains of <see cref="PersonalData.Hash"/>.</summary>
public enum PersonalKind
{
    /// <summary>E-mail address, lower case.</summary>
    Email,

    /// <summary>Phone number, digits only.</summary>
    Phone,

    /// <summary>IP address.</summary>
    Ip,

    /// <summary>Network of an IP address.</summary>
    IpNetwork,

    /// <summary>Card number, digits only.</summary>
    Card,

    /// <summary>A payment processor's name for a card.</summary>
    CardFingerprint,

    /// <summary>Customer id.</summary>
    Customer,

    /// <summary>Postal address, letters and digits only.</summary>
    Address,

    /// <summary>The proof inside a seal.</summary>
    Seal,
}
