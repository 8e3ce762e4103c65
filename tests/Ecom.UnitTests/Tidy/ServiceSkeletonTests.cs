namespace Ecom.UnitTests.Tidy;

/// <summary>Who knows one service finds the way in all of them.</summary>
public sealed class ServiceSkeletonTests
{
    private const int ProgramLines = 25;

    private static readonly string[] _headings = ["Consumes", "Publishes", "Owns", "Endpoints", "What to watch"];

    [Fact]
    public void Every_service_has_the_same_skeleton() => Guard.Holds(Violations(Repository.Root));

    [Fact]
    public void A_right_service_passes()
    {
        using var tree = Planted();
        Assert.Empty(Violations(tree.Root));
    }

    [Fact]
    public void A_long_program_is_caught()
    {
        using var tree = Planted().With("services/planted/Program.cs", string.Concat(Enumerable.Repeat("x();\n", 26)));
        Assert.Contains("26 lines", Assert.Single(Violations(tree.Root)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Program.cs")]
    [InlineData("Telemetry.cs")]
    [InlineData("README.md")]
    public void A_missing_file_is_caught(string file)
    {
        using var tree = Planted();
        File.Delete(Path.Combine(tree.Root, "services/planted", file));
        Assert.Contains(file, Assert.Single(Violations(tree.Root)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_heading_is_caught()
    {
        using var tree = Planted().With(
            "services/planted/README.md", "# Planted\n## Consumes\n## Publishes\n## Endpoints\n## What to watch\n");
        Assert.Contains("## Owns", Assert.Single(Violations(tree.Root)), StringComparison.Ordinal);
    }

    private static PlantedTree Planted() => new PlantedTree()
        .With("services/planted/Program.cs", "await app.RunAsync();\n")
        .With("services/planted/Composition.cs", "static class Composition;\n")
        .With("services/planted/Telemetry.cs", "static class Telemetry;\n")
        .With("services/planted/README.md", string.Concat(_headings.Select(heading => $"## {heading}\n")));

    // A service is there once it has its composition; before that it is an empty host.
    private static IEnumerable<string> Violations(string root) =>
        Directory.GetDirectories(Path.Combine(root, "services"))
            .Where(folder => File.Exists(Path.Combine(folder, "Composition.cs")))
            .SelectMany(folder => InService(folder, $"services/{Path.GetFileName(folder)}"));

    private static IEnumerable<string> InService(string folder, string name)
    {
        foreach (var file in new[] { "Program.cs", "Telemetry.cs", "README.md" }.Where(file => !Has(folder, file)))
        {
            yield return $"{name}: {file} is missing.";
        }

        if (Has(folder, "Program.cs") && File.ReadAllLines(Path.Combine(folder, "Program.cs")) is { } lines
            && lines.Length > ProgramLines)
        {
            yield return $"{name}/Program.cs: {lines.Length} lines, allowed are {ProgramLines}: it is a table of "
                + "contents, the rest belongs to Composition.cs.";
        }

        if (Has(folder, "README.md"))
        {
            var page = File.ReadAllLines(Path.Combine(folder, "README.md"));
            foreach (var heading in _headings.Where(heading => !page.Contains($"## {heading}")))
            {
                yield return $"{name}/README.md: the heading \"## {heading}\" is missing.";
            }
        }
    }

    private static bool Has(string folder, string file) => File.Exists(Path.Combine(folder, file));
}
