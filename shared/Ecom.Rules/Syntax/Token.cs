namespace Ecom.Rules.Syntax;

internal enum TokenKind
{
    End,
    Number,
    Text,
    Name,
    Symbol,
}

/// <summary>A word of a rule.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Value">Name, symbol, or content of a text; empty for numbers.</param>
/// <param name="Number">The number of a number.</param>
/// <param name="Span">Where it stands.</param>
internal readonly record struct Token(TokenKind Kind, string Value, double Number, SourceSpan Span)
{
    /// <summary>As a message names it.</summary>
    public string Shown => Kind switch
    {
        TokenKind.End => "the end of the rule",
        TokenKind.Number => $"the number {ExpressionText.Shown(Number)}",
        TokenKind.Text => "a text",
        _ => $"'{Value}'",
    };

    public bool Is(string word) => Kind is TokenKind.Name or TokenKind.Symbol && Value == word;
}
