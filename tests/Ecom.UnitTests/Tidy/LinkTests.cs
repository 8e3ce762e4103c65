using System.Text.RegularExpressions;

namespace Ecom.UnitTests.Tidy;

/// <summary>A link that leads nowhere costs a reader's trust.</summary>
public sealed partial class LinkTests
{
    [Fact]
    public void Every_relative_link_of_a_page_leads_to_a_file() => Guard.Holds(Broken(Repository.Root));

    [Theory]
    [InlineData("[gone](gone.md)")]
    [InlineData("[gone](../gone/)")]
    [InlineData("![gone](pictures/gone.svg \"title\")")]
    [InlineData("[gone](gone.md#part)")]
    public void A_broken_link_is_caught(string text)
    {
        using var tree = new PlantedTree().With("docs/page.md", text);
        Assert.StartsWith("docs/page.md:1:", Assert.Single(Broken(tree.Root)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[other](other.md), [part](other.md#part), [folder](../docs), [web](https://example.com/x)")]
    [InlineData("[here](#part), `[code](not-a-link.md)`")]
    [InlineData("```\n[code](not-a-link.md)\n```")]
    public void A_right_link_passes(string text)
    {
        using var tree = new PlantedTree().With("docs/page.md", text).With("docs/other.md", "");
        Assert.Empty(Broken(tree.Root));
    }

    private static IEnumerable<string> Broken(string root) =>
        Repository.FilesBelow(root, "*.md").SelectMany(page => Broken(root, page));

    private static IEnumerable<string> Broken(string root, string page)
    {
        var folder = Path.GetDirectoryName(Path.Combine(root, page))!;
        var fenced = false;
        foreach (var (index, line) in File.ReadAllLines(Path.Combine(root, page)).Index())
        {
            fenced ^= line.TrimStart().StartsWith("```", StringComparison.Ordinal);
            foreach (var target in fenced ? [] : Targets(line).Where(target => !IsThere(folder, target)))
            {
                yield return $"{page}:{index + 1}: the link to {target} leads nowhere.";
            }
        }
    }

    private static IEnumerable<string> Targets(string line) =>
        Link().Matches(InlineCode().Replace(line, ""))
            .Select(link => link.Groups[1].Value.Split('#')[0])
            .Where(target => target.Length > 0 && !target.Contains(':', StringComparison.Ordinal));

    private static bool IsThere(string folder, string target)
    {
        var path = Path.Combine(folder, target);
        return File.Exists(path) || Directory.Exists(path);
    }

    [GeneratedRegex(@"\]\(([^)\s]+)[^)]*\)")]
    private static partial Regex Link();

    [GeneratedRegex("`[^`]*`")]
    private static partial Regex InlineCode();
}
