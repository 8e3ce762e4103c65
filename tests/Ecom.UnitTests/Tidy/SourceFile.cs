using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Ecom.UnitTests.Tidy;

/// <summary>A C# file of the tree, parsed once for all guards.</summary>
internal sealed class SourceFile(string path, string text)
{
    private static readonly string[] _folders = ["services", "shared", "deploy", "tests"];

    private static readonly Lazy<SourceFile[]> _all = new(ReadAll);

    private readonly Lazy<SyntaxNode> _syntax = new(() => CSharpSyntaxTree.ParseText(text).GetRoot());

    public static IReadOnlyList<SourceFile> All => _all.Value;

    /// <summary>Relative to the root, with forward slashes.</summary>
    public string Path => path;

    public string Text => text;

    public SyntaxNode Syntax => _syntax.Value;

    public string At(SyntaxNode node) => $"{path}:{node.GetLocation().GetLineSpan().StartLinePosition.Line + 1}";

    private static SourceFile[] ReadAll() =>
        [.. _folders
            .SelectMany(folder => Repository
                .FilesBelow(System.IO.Path.Combine(Repository.Root, folder), "*.cs")
                .Select(file => $"{folder}/{file}"))
            .Where(file => !file.EndsWith(".g.cs", StringComparison.Ordinal)
                && !file.EndsWith(".Designer.cs", StringComparison.Ordinal))
            .AsParallel().AsOrdered()
            .Select(file => new SourceFile(file, Repository.Read(file)))];
}
