using System.Globalization;
using System.Text;
using Ecom.ServiceDefaults.Tables;

namespace Ecom.Ingestion.Cleaning;

/// <summary>Unicode normal form C, so that "é" typed in two ways is one product name and one id.</summary>
/// <remarks>
/// Our own, because <see cref="string.Normalize()"/> returns its input unchanged under invariant globalization, which
/// the
/// services need to run on machines without ICU. Unicode Standard Annex 15: decompose, order by class, compose.
/// </remarks>
internal static class ComposedText
{
    private const int HangulBase = 0xAC00;
    private const int LeadBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TailBase = 0x11A7;
    private const int LeadCount = 19;
    private const int VowelCount = 21;
    private const int TailCount = 28;

    // Nothing below U+0300 composes or reorders with what precedes it.
    private const char FirstOfInterest = '\u0300';

    private static readonly Dictionary<int, byte> _classes = [];
    private static readonly Dictionary<int, (int First, int Second)> _decompositions = [];
    private static readonly Dictionary<(int First, int Second), int> _composites = [];

    static ComposedText()
    {
        foreach (var line in EmbeddedTable.Lines(typeof(ComposedText).Assembly, "unicode-nfc.txt"))
        {
            var parts = line.Split(' ');
            switch (parts[0])
            {
                case "c":
                    for (var code = Hex(parts[1]); code <= Hex(parts[2]); code++)
                    {
                        _classes[code] = byte.Parse(parts[3], CultureInfo.InvariantCulture);
                    }

                    break;
                case "d":
                    _decompositions[Hex(parts[1])] = (Hex(parts[2]), parts.Length > 3 ? Hex(parts[3]) : 0);
                    break;
                default:
                    _composites[(Hex(parts[1]), Hex(parts[2]))] = Hex(parts[3]);
                    break;
            }
        }
    }

    /// <summary>The text in normal form C. Lone surrogates become U+FFFD.</summary>
    public static string Compose(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange(FirstOfInterest, char.MaxValue))
        {
            return text;
        }

        var codes = new List<int>(text.Length + 8);
        foreach (var rune in text.EnumerateRunes())
        {
            Decompose(rune.Value, codes);
        }

        Order(codes);
        Combine(codes);
        var composed = new StringBuilder(codes.Count);
        foreach (var code in codes)
        {
            composed.Append(new Rune(code).ToString());
        }

        return composed.ToString();
    }

    private static void Decompose(int code, List<int> codes)
    {
        var syllable = code - HangulBase;
        if (syllable is >= 0 and < LeadCount * VowelCount * TailCount)
        {
            codes.Add(LeadBase + (syllable / (VowelCount * TailCount)));
            codes.Add(VowelBase + (syllable % (VowelCount * TailCount) / TailCount));
            if (syllable % TailCount is var tail and > 0)
            {
                codes.Add(TailBase + tail);
            }
        }
        else if (_decompositions.TryGetValue(code, out var parts))
        {
            Decompose(parts.First, codes);
            if (parts.Second != 0)
            {
                Decompose(parts.Second, codes);
            }
        }
        else
        {
            codes.Add(code);
        }
    }

    // Stable insertion sort of each run of combining marks; runs are short.
    private static void Order(List<int> codes)
    {
        for (var i = 1; i < codes.Count; i++)
        {
            var own = Class(codes[i]);
            for (var j = i; own != 0 && j > 0 && Class(codes[j - 1]) > own; j--)
            {
                (codes[j - 1], codes[j]) = (codes[j], codes[j - 1]);
            }
        }
    }

    private static void Combine(List<int> codes)
    {
        var starter = -1;
        var lastClass = 0;
        var kept = 0;
        for (var i = 0; i < codes.Count; i++)
        {
            var code = codes[i];
            var own = Class(code);
            var adjacent = starter == kept - 1;
            if (starter >= 0 && (adjacent || (lastClass < own && lastClass != 0))
                && Composite(codes[starter], code) is { } composed)
            {
                codes[starter] = composed;
                continue;
            }

            if (own == 0)
            {
                starter = kept;
            }

            lastClass = own;
            codes[kept++] = code;
        }

        codes.RemoveRange(kept, codes.Count - kept);
    }

    private static int? Composite(int first, int second)
    {
        var lead = first - LeadBase;
        var vowel = second - VowelBase;
        if (lead is >= 0 and < LeadCount && vowel is >= 0 and < VowelCount)
        {
            return HangulBase + (((lead * VowelCount) + vowel) * TailCount);
        }

        var syllable = first - HangulBase;
        var tail = second - TailBase;
        if (syllable is >= 0 and < LeadCount * VowelCount * TailCount && syllable % TailCount == 0
            && tail is > 0 and < TailCount)
        {
            return first + tail;
        }

        return _composites.TryGetValue((first, second), out var composed) ? composed : null;
    }

    private static int Class(int code) => _classes.GetValueOrDefault(code);

    private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
