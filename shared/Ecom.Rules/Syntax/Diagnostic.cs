namespace Ecom.Rules.Syntax;

/// <summary>What is wrong with a rule, and where: for the person who wrote it.</summary>
public sealed record Diagnostic
{
    /// <summary>
    /// One of <c>syntax</c>, <c>json</c>, <c>unknown-feature</c>, <c>unknown-function</c>, <c>arguments</c>,
    /// <c>type</c>, <c>division-by-zero</c>, <c>too-expensive</c>.
    /// </summary>
    public required string Code { get; init; }

    /// <summary>One or two sentences: what is wrong and, where it can be said, what would be right.</summary>
    public required string Message { get; init; }

    /// <summary>Characters before the place, from 0.</summary>
    public required int Offset { get; init; }

    /// <summary>Characters that it concerns; 0 at the end of the text.</summary>
    public required int Length { get; init; }

    /// <summary>Line, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>Column, from 1.</summary>
    public required int Column { get; init; }

    /// <summary>The place in the JSON form, as <c>$.of[1].left</c>; null where the text form is meant.</summary>
    public string? Path { get; init; }

    /// <inheritdoc />
    public override string ToString() => Path is null ? $"{Line}:{Column}: {Message}" : $"{Path}: {Message}";

    internal static Diagnostic At(SourceSpan span, string code, string message) => new()
    {
        Code = code,
        Message = message,
        Offset = span.Offset,
        Length = span.Length,
        Line = span.Line,
        Column = span.Column,
    };
}
