using System.Text.RegularExpressions;

namespace Ecom.UnitTests;

/// <summary>The tables of a page of <c>docs/</c>, read for comparison with the code.</summary>
internal static partial class MarkdownTable
{
    /// <summary>First code word (`like this`) of each table row below a heading of level two.</summary>
    public static IReadOnlyList<string> Names(string page, string heading) =>
        [.. Section(page, heading)
            .Select(line => FirstCell().Match(line))
            .Where(row => row.Success)
            .Select(row => row.Groups[1].Value)];

    /// <summary>Lines below a heading of level two, up to the next one.</summary>
    public static IEnumerable<string> Section(string page, string heading) =>
        page.Split('\n')
            .Select(line => line.TrimEnd())
            .SkipWhile(line => line != $"## {heading}")
            .Skip(1)
            .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal));

    [GeneratedRegex("^\\|[^|`]*`([^`]+)`")]
    private static partial Regex FirstCell();
}
