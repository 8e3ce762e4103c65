using System.Text;

namespace Ecom.Ingestion.Cleaning;

/// <summary>Text as every service may rely on it: trimmed, normal form C, no control characters.</summary>
internal static class CleanText
{
    /// <summary>Longest text that only describes (names, categories, queries); what is longer is cut.</summary>
    public const int LongestDescription = 500;

    /// <summary>Longest id of a customer, product, order, device, session or message.</summary>
    public const int LongestId = 100;

    /// <summary>The clean text; null when nothing is left. Tabs and line breaks become spaces.</summary>
    public static string? Clean(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var clean = ComposedText.Compose(HasControls(text) ? WithoutControls(text) : text).Trim();
        return clean.Length == 0 ? null : clean;
    }

    /// <summary>The text cut to <paramref name="longest"/> UTF-16 units, never through a surrogate pair.</summary>
    public static string Cut(string text, int longest)
    {
        if (text.Length <= longest)
        {
            return text;
        }

        var end = char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest;
        return text[..end].TrimEnd();
    }

    private static bool HasControls(string text)
    {
        foreach (var character in text)
        {
            if (char.IsControl(character))
            {
                return true;
            }
        }

        return false;
    }

    private static string WithoutControls(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            if (character is '\t' or '\n' or '\r')
            {
                clean.Append(' ');
            }
            else if (!char.IsControl(character))
            {
                clean.Append(character);
            }
        }

        return clean.ToString();
    }
}
