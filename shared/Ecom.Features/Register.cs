using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Ecom.Features;

/// <summary>A last value: the newest wins.</summary>
/// <remarks>
/// Ordered by time, then event id, then line; the pair (id, line) is unique, so the order of arrival never matters.
/// </remarks>
/// <param name="AtMs">Event time, milliseconds since 1970, not negative.</param>
/// <param name="Id">Event id.</param>
/// <param name="Line">Line within the event, 0 to 9,999.</param>
/// <param name="Text">What is carried along; null if nothing is.</param>
public readonly record struct Register(long AtMs, Guid Id, int Line, string? Text)
    : IComparable<Register>
{
    private const int TimeLength = 15;
    private const int IdLength = 32;
    private const int LineLength = 4;
    private const int HeadLength = TimeLength + IdLength + LineLength;

    /// <summary>The greater of two.</summary>
    public static Register Greater(Register left, Register right) => left.CompareTo(right) >= 0 ? left : right;

    /// <summary>Reads what <see cref="Encode"/> wrote, as UTF-8.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static Register Decode(ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length < HeadLength)
        {
            throw new FormatException($"Not a register: '{Encoding.UTF8.GetString(encoded)}'.");
        }

        var rest = encoded;
        var at = long.Parse(rest[..TimeLength], CultureInfo.InvariantCulture);
        rest = rest[TimeLength..];
        var id = Utf8Parser.TryParse(rest[..IdLength], out Guid read, out _, 'N')
            ? read
            : throw new FormatException($"Not a register: '{Encoding.UTF8.GetString(encoded)}'.");
        rest = rest[IdLength..];
        var line = int.Parse(rest[..LineLength], CultureInfo.InvariantCulture);
        rest = rest[LineLength..];
        return new Register(at, id, line, rest.IsEmpty ? null : Encoding.UTF8.GetString(rest));
    }

    /// <summary>A text whose bytes order as registers do: what Redis stores and compares.</summary>
    public string Encode() => string.Create(
        CultureInfo.InvariantCulture, $"{AtMs:D15}{Id:N}{Line:D4}{Text}");

    /// <inheritdoc/>
    public int CompareTo(Register other)
    {
        var order = AtMs.CompareTo(other.AtMs);
        order = order != 0 ? order : Id.CompareTo(other.Id);
        return order != 0 ? order : Line.CompareTo(other.Line);
    }

    /// <summary>Whether the left is less.</summary>
    public static bool operator <(Register left, Register right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left is less or equal.</summary>
    public static bool operator <=(Register left, Register right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left is greater.</summary>
    public static bool operator >(Register left, Register right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left is greater or equal.</summary>
    public static bool operator >=(Register left, Register right) => left.CompareTo(right) >= 0;
}
