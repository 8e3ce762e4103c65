using System.Text.RegularExpressions;

namespace Ecom.UnitTests.Tidy;

/// <summary>docs/telemetry.md lists every source, span and metric that the code makes, and nothing else.</summary>
public sealed partial class TelemetryPageTests
{
    private const string Code = """
        static class Telemetry
        {
            private const string Assessments = "ecom.planted.assessments";
            static readonly ActivitySource Source = new("Ecom.Planted");
            static readonly Meter Meter = new Meter("Ecom.Planted");
            static readonly Counter<long> A = Meter.CreateCounter<long>(Assessments, "{assessment}");
            static readonly Histogram<double> D = Meter.CreateHistogram<double>("ecom.planted.duration", "s");
            static void M(string list)
            {
                Source.StartActivity($"read {list}");
                Source?.StartActivity("assess", ActivityKind.Server);
                EventSpans.Start(Source, "process planted", []);
            }
        }
        """;

    private const string Page = """
        ## Sources
        | `Ecom.Planted` | x |
        ## Spans
        | `read {list}` | x |
        | `assess` | x |
        | `process planted` | x |
        ## Metrics
        | `ecom.planted.assessments` | x |
        | `ecom.planted.duration` | x |
        """;

    [Fact]
    public void The_page_lists_every_name_and_nothing_else() =>
        Guard.Holds(Differences(
            Repository.Read("docs/telemetry.md"),
            [.. SourceFile.All.Where(file => !file.Path.StartsWith("tests/", StringComparison.Ordinal))]));

    [Fact]
    public void A_complete_page_passes() => Assert.Empty(Check(Code, Page));

    [Theory]
    [InlineData("| `Ecom.Planted` | x |", "## Sources", "`Ecom.Planted`")]
    [InlineData("| `read {list}` | x |", "## Spans", "`read {}`")]
    [InlineData("| `assess` | x |", "## Spans", "`assess`")]
    [InlineData("| `process planted` | x |", "## Spans", "`process planted`")]
    [InlineData("| `ecom.planted.assessments` | x |", "## Metrics", "`ecom.planted.assessments`")]
    [InlineData("| `ecom.planted.duration` | x |", "## Metrics", "`ecom.planted.duration`")]
    public void A_name_that_the_page_lacks_is_caught_and_the_line_to_add_is_told(
        string row, string section, string name)
    {
        Assert.Contains(row, Page, StringComparison.Ordinal);
        var violation = Assert.Single(Check(Code, Page.Replace(row, "", StringComparison.Ordinal)));
        Assert.Contains(section, violation, StringComparison.Ordinal);
        Assert.Contains($"| {name} |", violation, StringComparison.Ordinal);
        Assert.Contains("services/planted/Telemetry.cs:", violation, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_the_code_lacks_is_caught() =>
        Assert.Contains(
            "ecom.planted.gone",
            Assert.Single(Check(Code, Page + "\n| `ecom.planted.gone` | x |")),
            StringComparison.Ordinal);

    private static IEnumerable<string> Check(string code, string page) =>
        Differences(page, [new SourceFile("services/planted/Telemetry.cs", code)]);

    private static IEnumerable<string> Differences(string page, IReadOnlyCollection<SourceFile> files)
    {
        var made = TelemetryNames.In(files);
        foreach (var section in new[] { TelemetryNames.Sources, TelemetryNames.Spans, TelemetryNames.Metrics })
        {
            var listed = MarkdownTable.Names(page, section).Select(name => Hole().Replace(name, "{}")).ToHashSet();
            var here = made.Where(name => name.Section == section).ToLookup(name => name.Name);
            foreach (var name in here.Where(name => !listed.Contains(name.Key)))
            {
                yield return $"docs/telemetry.md: add under \"## {section}\" the line\n    {Row(section, name.Key)}\n"
                    + $"    (it is made at {name.First().At})";
            }

            foreach (var name in listed.Where(name => !here.Contains(name)))
            {
                yield return $"docs/telemetry.md: `{name}` under \"## {section}\" is made nowhere: take the line out.";
            }
        }
    }

    private static string Row(string section, string name) => section switch
    {
        TelemetryNames.Sources => $"| `{name}` | <where> | <spans, metrics or both> |",
        TelemetryNames.Spans => $"| `{name}` | <kind> | <service> | <what it covers> | <attributes> |",
        _ => $"| `{name}` | <instrument> | <unit> | <service> | <meaning; attributes> |",
    };

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Hole();
}
