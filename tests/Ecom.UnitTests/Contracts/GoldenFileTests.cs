using System.Text.Json.Serialization;
using Ecom.Contracts.Orders;

namespace Ecom.UnitTests.Contracts;

/// <summary>What was once put on the wire can be read for ever.</summary>
public sealed class GoldenFileTests
{
    private const string Known = """{"id":"1","lines":[{"product":"A","note":"x"}],"kind":"First","rates":{"a":1.5}}""";

    [Fact]
    public void Every_message_has_its_golden_file_and_reads_the_old_ones() =>
        Guard.Holds(GoldenFiles.Violations(
            Path.Combine(Repository.Root, "tests/Ecom.UnitTests/Contracts"), Messages.All));

    [Fact]
    public void Messages_are_found_and_their_parts_are_not()
    {
        Assert.Contains(typeof(OrderPlaced), Messages.All);
        Assert.DoesNotContain(typeof(OrderLine), Messages.All);
        Assert.Equal([typeof(Planted)], Messages.In([typeof(Planted), typeof(PlantedLine), typeof(PlantedKind)]));
    }

    [Fact]
    public void A_right_file_passes() => Assert.Empty(Check((Name(), Known)));

    [Fact]
    public void A_message_without_file_is_caught() =>
        AssertCaught("add this file", Check());

    [Fact]
    public void A_file_without_message_is_caught() =>
        AssertCaught("no such message", Check((Name(), Known), ("Old.Gone.json", "{}")));

    [Theory]
    [InlineData("\"product\"", "\"sku\"")]
    [InlineData("\"First\"", "\"Zeroth\"")]
    [InlineData("\"id\":\"1\",", "")]
    public void A_file_that_cannot_be_read_is_caught(string part, string planted) =>
        AssertCaught("can no longer be read", Check((Name(), Replaced(part, planted))));

    [Theory]
    [InlineData("\"note\"", "\"remark\"")]
    [InlineData("\"id\"", "\"Id\"")]
    public void A_property_that_was_renamed_is_caught(string part, string planted) =>
        AssertCaught("the wire has changed", Check((Name(), Replaced(part, planted))));

    [Theory]
    [InlineData("[{\"product\":\"A\",\"note\":\"x\"}]", "[]", "lines")]
    [InlineData("\"x\"", "null", "note")]
    [InlineData("{\"a\":1.5}", "{}", "rates")]
    public void An_example_with_a_gap_is_caught(string part, string planted, string property)
    {
        var violation = Assert.Single(Check((Name(), Replaced(part, planted))));
        Assert.Contains("give", violation, StringComparison.Ordinal);
        Assert.Contains(property, violation, StringComparison.Ordinal);
    }

    [Fact]
    public void An_earlier_form_may_lack_what_came_later_but_loses_nothing()
    {
        Assert.Empty(Check((Name(), Known), (Name(".1"), Replaced(",\"note\":\"x\"", ""))));
        var lost = Assert.Single(Check((Name(), Known), (Name(".1"), Replaced("\"note\"", "\"remark\""))));
        Assert.Contains("lines[0].remark is lost", lost, StringComparison.Ordinal);
    }

    private static void AssertCaught(string text, string[] violations) =>
        Assert.Contains(text, Assert.Single(violations), StringComparison.Ordinal);

    private static string Name(string form = "") => $"{Messages.NameOf(typeof(Planted))}{form}.json";

    private static string Replaced(string part, string planted)
    {
        Assert.Contains(part, Known, StringComparison.Ordinal);
        return Known.Replace(part, planted, StringComparison.Ordinal);
    }

    private static string[] Check(params (string Name, string Json)[] files)
    {
        using var tree = new PlantedTree();
        foreach (var (name, json) in files)
        {
            tree.With(name, json);
        }

        return [.. GoldenFiles.Violations(tree.Root, [typeof(Planted)])];
    }

    internal sealed record Planted
    {
        public required string Id { get; init; }

        public required IReadOnlyList<PlantedLine> Lines { get; init; }

        public required PlantedKind Kind { get; init; }

        public required IReadOnlyDictionary<string, double> Rates { get; init; }
    }

    internal sealed record PlantedLine
    {
        public required string Product { get; init; }

        public string? Note { get; init; }
    }

    [JsonConverter(typeof(JsonStringEnumConverter<PlantedKind>))]
    internal enum PlantedKind
    {
        First,
    }
}
