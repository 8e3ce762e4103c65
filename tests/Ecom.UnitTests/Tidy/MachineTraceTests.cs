using System.Text.RegularExpressions;

namespace Ecom.UnitTests.Tidy;

/// <summary>The tree builds and runs anywhere: it names no path of one machine and no package registry.</summary>
public sealed partial class MachineTraceTests
{
    private static readonly string[] _text =
    [
        ".cs", ".csproj", ".props", ".targets", ".config", ".json", ".yml", ".yaml", ".md", ".sql", ".sh", ".razor",
        ".sln", ".proto", ".css", ".js", "", ".editorconfig", ".gitignore", ".txt", ".toml",
    ];

    [Fact]
    public void No_file_names_a_path_of_a_machine_or_a_package_registry() => Guard.Holds(Violations(Repository.Root));

    // Put together here, so that this file does not name what it forbids.
    [Theory]
    [InlineData("docs/x.md", "see /wor", "k/main/docs")]
    [InlineData("services/fraud/X.cs", "// /hom", "e/jane/src/ecom")]
    [InlineData("deploy/up", "cd /Use", "rs/jane/ecom")]
    [InlineData("x.json", "C:", "\\\\Users\\\\jane")]
    [InlineData("nuget.config", "<add value=\"https:", "//packages.example.com/v3/index.json\" />")]
    [InlineData("Directory.Build.props", "<RestoreSources>http:", "//10.0.0.1/nuget</RestoreSources>")]
    [InlineData("deploy/Dockerfile", "RUN curl https:", "//registry.example.com/x")]
    public void A_trace_of_a_machine_is_caught(string path, string start, string rest)
    {
        using var tree = new PlantedTree().With(path, $"first line\n{start}{rest}\n");
        Assert.StartsWith($"{path}:2:", Assert.Single(Violations(tree.Root)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("docs/x.md", "http://127.0.0.1:5080/v1/batch and /workshop and https://www.rfc-editor.org")]
    [InlineData("Directory.Build.props", "<Project xmlns=\"http://schemas.microsoft.com/developer/msbuild/2003\">")]
    [InlineData("deploy/Dockerfile", "HEALTHCHECK CMD curl http://127.0.0.1:8080/health/live")]
    public void Other_addresses_pass(string path, string text)
    {
        using var tree = new PlantedTree().With(path, text);
        Assert.Empty(Violations(tree.Root));
    }

    private static IEnumerable<string> Violations(string root) =>
        Repository.FilesBelow(root)
            .Where(file => _text.Contains(Path.GetExtension(file)))
            .SelectMany(file => In(file, File.ReadAllLines(Path.Combine(root, file))));

    private static IEnumerable<string> In(string file, string[] lines)
    {
        var builds = IsBuildFile(file);
        foreach (var (index, line) in lines.Index())
        {
            if (MachinePath().IsMatch(line))
            {
                yield return $"{file}:{index + 1}: a path of one machine.";
            }

            if (builds && Address().Matches(line).Any(address => !MayStand(address.Groups[1].Value)))
            {
                yield return $"{file}:{index + 1}: an address in a build file; where packages come from is the "
                    + "machine's affair.";
            }
        }
    }

    private static bool IsBuildFile(string file) =>
        Path.GetExtension(file) is ".csproj" or ".props" or ".targets" or ".config"
        || Path.GetFileName(file) is "Dockerfile" or "global.json" or "packages.lock.json"
        || file.StartsWith(".ci/", StringComparison.Ordinal);

    private static bool MayStand(string host) =>
        host is "127.0.0.1" or "localhost" or "schemas.microsoft.com" or "www.w3.org";

    [GeneratedRegex(
        @"(^|[^\w.])/(work/[\w.]|root/\w|Users/\w|home/\w+/(src|git|repos|projects|code)\b)|[A-Z]:\\+Users\\")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"https?://([\w.-]+)")]
    private static partial Regex Address();
}
