using System.Buffers;
using System.Globalization;
using System.Text;

namespace Ecom.Rules.Syntax;

/// <summary>Cuts the text of a rule into words.</summary>
internal sealed class Lexer(string text)
{
    private static readonly string[] _symbols =
        ["==", "!=", "<=", ">=", "<", ">", "=", "+", "-", "*", "/", "(", ")", ","];

    private static readonly SearchValues<char> _nameCharacters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    private readonly List<Token> _tokens = [];
    private int _at;
    private int _line = 1;
    private int _lineStart;

    /// <summary>All words and an end; or what cannot be read.</summary>
    public (IReadOnlyList<Token> Tokens, Diagnostic? Error) Read()
    {
        while (true)
        {
            SkipSpace();
            if (_at == text.Length)
            {
                _tokens.Add(new Token(TokenKind.End, "", 0, Here(0)));
                return (_tokens, null);
            }

            if (ReadOne() is { } error)
            {
                return (_tokens, error);
            }
        }
    }

    public static bool IsName(string name) =>
        name.Length > 0 && IsNameStart(name[0]) && name.All(IsNamePart);

    private static bool IsNameStart(char character) => char.IsAsciiLetter(character) || character == '_';

    private static bool IsNamePart(char character) => char.IsAsciiLetterOrDigit(character) || character == '_';

    private void SkipSpace()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
        {
            if (text[_at++] == '\n')
            {
                _line++;
                _lineStart = _at;
            }
        }
    }

    private Diagnostic? ReadOne()
    {
        var first = text[_at];
        if (IsNameStart(first))
        {
            var length = text.AsSpan(_at).IndexOfAnyExcept(_nameCharacters);
            Add(TokenKind.Name, length < 0 ? text.Length - _at : length);
            return null;
        }

        if (char.IsAsciiDigit(first) || first == '.')
        {
            return ReadNumber();
        }

        if (first == '"')
        {
            return ReadText();
        }

        if (Array.Find(_symbols, symbol => string.CompareOrdinal(text, _at, symbol, 0, symbol.Length) == 0)
            is { } found)
        {
            Add(TokenKind.Symbol, found.Length);
            return null;
        }

        var hint = first switch
        {
            '\'' => " Texts stand in double quotes.",
            '&' => " Write 'and'.",
            '|' => " Write 'or'.",
            '!' => " Write 'not', or '!=' for unequal.",
            _ => "",
        };
        return Diagnostic.At(Here(1), "syntax", $"The character '{first}' has no meaning here.{hint}");
    }

    private Diagnostic? ReadNumber()
    {
        var end = _at;
        SkipDigits(ref end);
        if (end < text.Length && text[end] == '.')
        {
            end++;
            SkipDigits(ref end);
        }

        if (end < text.Length && text[end] is 'e' or 'E')
        {
            end++;
            end += end < text.Length && text[end] is '+' or '-' ? 1 : 0;
            SkipDigits(ref end);
        }

        var length = end - _at;
        var isNumber = double.TryParse(
            text.AsSpan(_at, length), NumberStyles.Float, CultureInfo.InvariantCulture, out var number);
        if (!isNumber || (end < text.Length && IsNamePart(text[end])))
        {
            return Diagnostic.At(Here(length), "syntax", "This is no number; numbers are written 4, 0.5 or 1e6.");
        }

        if (!double.IsFinite(number))
        {
            return Diagnostic.At(Here(length), "syntax", "The number is too large.");
        }

        _tokens.Add(new Token(TokenKind.Number, "", number, Here(length)));
        _at = end;
        return null;
    }

    private void SkipDigits(ref int at)
    {
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }
    }

    private Diagnostic? ReadText()
    {
        var content = new StringBuilder();
        for (var at = _at + 1; at < text.Length; at++)
        {
            switch (text[at])
            {
                case '"':
                    return AddText(content.ToString(), at + 1 - _at);
                case '\\' when at + 1 < text.Length && Unescape(text[at + 1]) is { } character:
                    content.Append(character);
                    at++;
                    break;
                case '\\' when HexAt(at + 1) is { } unit:
                    content.Append(unit);
                    at += 5;
                    break;
                case '\\':
                    return Wrong(at, "The escapes are \\\" \\\\ \\n \\r \\t and \\u with four hexadecimal digits.");
                case < ' ':
                    return Wrong(at, "A text ends on its line: write \\n for a new line within it.");
                default:
                    content.Append(text[at]);
                    break;
            }
        }

        return Diagnostic.At(Here(text.Length - _at), "syntax", "The text has no closing quote.");
    }

    private Diagnostic? AddText(string content, int length)
    {
        // Half a character could be neither stored nor sent.
        for (var at = 0; at < content.Length; at++)
        {
            if (at + 1 < content.Length && char.IsSurrogatePair(content[at], content[at + 1]))
            {
                at++;
            }
            else if (char.IsSurrogate(content[at]))
            {
                return Diagnostic.At(Here(length), "syntax", "The text holds half of a surrogate pair.");
            }
        }

        _tokens.Add(new Token(TokenKind.Text, content, 0, Here(length)));
        _at += length;
        return null;
    }

    private static char? Unescape(char character) => character switch
    {
        '"' => '"',
        '\\' => '\\',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        _ => null,
    };

    private char? HexAt(int at) =>
        at + 4 < text.Length && text[at] == 'u' && ushort.TryParse(
            text.AsSpan(at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : null;

    private Diagnostic Wrong(int at, string message) => Diagnostic.At(
        new SourceSpan(at, 1, _line, at - _lineStart + 1), "syntax", message);

    private void Add(TokenKind kind, int length)
    {
        _tokens.Add(new Token(kind, text.Substring(_at, length), 0, Here(length)));
        _at += length;
    }

    private SourceSpan Here(int length) => new(_at, length, _line, _at - _lineStart + 1);
}
