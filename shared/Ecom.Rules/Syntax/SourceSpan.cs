namespace Ecom.Rules.Syntax;

/// <summary>A place in the text of a rule.</summary>
/// <param name="Offset">Characters (UTF-16 units) before it, from 0.</param>
/// <param name="Length">Characters that it takes; 0 at the end of the text.</param>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Column">Its first character in the line, from 1.</param>
public readonly record struct SourceSpan(int Offset, int Length, int Line, int Column)
{
    /// <summary>From the beginning of this to the end of another, later one.</summary>
    public SourceSpan To(SourceSpan end) => this with { Length = end.Offset + end.Length - Offset };
}
