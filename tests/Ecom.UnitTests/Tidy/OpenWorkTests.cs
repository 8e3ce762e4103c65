using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Ecom.UnitTests.Tidy;

/// <summary>Open work belongs to an issue; a note in the code is forgotten.</summary>
public sealed partial class OpenWorkTests
{
    [Fact]
    public void Every_note_of_open_work_names_its_issue() => Guard.Holds(SourceFile.All.SelectMany(Unnumbered));

    [Theory]
    [InlineData("// TODO: later")]
    [InlineData("/* FIXME */")]
    [InlineData("/// <summary>TODO describe</summary>\nclass C;")]
    public void A_note_without_issue_is_caught(string source) =>
        Assert.Single(Unnumbered(new SourceFile("Planted.cs", source)));

    [Theory]
    [InlineData("// TODO #12: remove when the old queue is empty")]
    [InlineData("class C { string todo = \"TODO\"; }")]
    public void A_note_with_issue_and_text_that_is_no_note_pass(string source) =>
        Assert.Empty(Unnumbered(new SourceFile("Planted.cs", source)));

    private static IEnumerable<string> Unnumbered(SourceFile file) =>
        file.Syntax.DescendantTrivia()
            .Where(IsComment)
            .SelectMany(trivia => Note().Matches(trivia.ToFullString()).Select(note => (trivia, note.Value)))
            .Select(found => $"{file.Path}:{found.trivia.GetLocation().GetLineSpan().StartLinePosition.Line + 1}: "
                + $"write \"{found.Value} #<issue>\", or do it now.");

    private static bool IsComment(SyntaxTrivia trivia) =>
        trivia.Kind() is SyntaxKind.SingleLineCommentTrivia or SyntaxKind.MultiLineCommentTrivia
            or SyntaxKind.SingleLineDocumentationCommentTrivia or SyntaxKind.MultiLineDocumentationCommentTrivia;

    [GeneratedRegex(@"\b(TODO|FIXME)\b(?!\s*\(?#\d+)")]
    private static partial Regex Note();
}
