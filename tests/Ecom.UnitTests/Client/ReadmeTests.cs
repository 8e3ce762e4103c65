using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Ecom.UnitTests.Client;

/// <summary>What a reader copies from a page compiles.</summary>
public sealed partial class ReadmeTests
{
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading.Tasks;

        """;

    [Fact]
    public void The_example_of_the_client_compiles() =>
        Assert.Empty(Errors(Examples("shared/Ecom.Client/README.md").Single()));

    [Fact]
    public void The_example_of_the_front_page_compiles() =>
        Assert.Empty(Errors($"using Ecom.Client;\nusing Microsoft.Extensions.DependencyInjection;\n"
            + Examples("README.md").Single()));

    [Fact]
    public void An_example_that_does_not_compile_is_caught() =>
        Assert.NotEmpty(Errors("using Ecom.Client;\nnew RecommendationQuestion { Nothing = 1 };"));

    private static IEnumerable<string> Examples(string page) =>
        Example().Matches(Repository.Read(page)).Select(match => match.Groups[1].Value);

    private static IEnumerable<string> Errors(string source) => CSharpCompilation
        .Create(
            "Example",
            [CSharpSyntaxTree.ParseText(Usings), CSharpSyntaxTree.ParseText(source)],
            ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
                .Split(Path.PathSeparator)
                .Where(path => Path.GetFileName(path) is { } name
                    && (name.StartsWith("System.", StringComparison.Ordinal)
                        || name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal)
                        || name is "Ecom.Client.dll" or "netstandard.dll"))
                .Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.ConsoleApplication))
        .GetDiagnostics()
        .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
        .Select(diagnostic => diagnostic.ToString());

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
