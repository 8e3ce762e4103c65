using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ecom.UnitTests.Tidy;

/// <summary>What does not fit a screen is not read: method ≤ 70 lines, file ≤ 400, line ≤ 120 characters.</summary>
public sealed class LengthTests
{
    private const int MethodLines = 70;
    private const int FileLines = 400;
    private const int LineCharacters = 120;

    [Fact]
    public void No_method_file_or_line_is_too_long() => Guard.Holds(SourceFile.All.SelectMany(TooLong));

    [Fact]
    public void A_method_of_70_lines_passes_and_one_of_71_does_not()
    {
        Assert.Empty(TooLong(MethodOf(lines: 70)));
        Assert.Contains("71 lines", Assert.Single(TooLong(MethodOf(lines: 71))), StringComparison.Ordinal);
    }

    [Fact]
    public void Local_functions_lambdas_accessors_and_constructors_are_measured_too()
    {
        var body = Statements(70);
        string[] sources =
        [
            $"class C {{ C()\n{{\n{body}}} }}",
            $"class C {{ int P {{ get\n{{\n{body}}} }} }}",
            $"class C {{ System.Action F = () =>\n{{\n{body}}}; }}",
            $"void F()\n{{\n{body}}}",
        ];
        Assert.All(sources, source => Assert.NotEmpty(TooLong(new SourceFile("Planted.cs", source))));
    }

    [Fact]
    public void A_file_of_401_lines_is_caught()
    {
        Assert.Empty(TooLong(new SourceFile("Planted.cs", string.Concat(Enumerable.Repeat("// x\n", 400)))));
        Assert.Single(TooLong(new SourceFile("Planted.cs", string.Concat(Enumerable.Repeat("// x\n", 401)))));
    }

    [Fact]
    public void A_line_of_121_characters_is_caught()
    {
        Assert.Empty(TooLong(new SourceFile("Planted.cs", "//" + new string('x', 118))));
        Assert.Single(TooLong(new SourceFile("Planted.cs", "//" + new string('x', 119))));
    }

    private static SourceFile MethodOf(int lines) =>
        new("Planted.cs", $"class C\n{{\nvoid M()\n{{\n{Statements(lines - 3)}}}\n}}\n");

    private static string Statements(int count) => string.Concat(Enumerable.Repeat("x++;\n", count));

    private static IEnumerable<string> TooLong(SourceFile file)
    {
        var lines = file.Text.TrimEnd('\n').Split('\n');
        if (lines.Length > FileLines)
        {
            yield return $"{file.Path}: {lines.Length} lines, allowed are {FileLines}: split it by responsibility.";
        }

        foreach (var (index, line) in lines.Index())
        {
            if (line.TrimEnd('\r').Length > LineCharacters)
            {
                yield return $"{file.Path}:{index + 1}: {line.Length} characters, allowed are {LineCharacters}.";
            }
        }

        foreach (var method in file.Syntax.DescendantNodes().Where(IsMethod))
        {
            var span = method.GetLocation().GetLineSpan();
            var length = span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
            if (length > MethodLines)
            {
                yield return $"{file.At(method)}: a method of {length} lines, allowed are {MethodLines}: split it.";
            }
        }
    }

    private static bool IsMethod(SyntaxNode node) =>
        node is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax
            or AnonymousFunctionExpressionSyntax;
}
