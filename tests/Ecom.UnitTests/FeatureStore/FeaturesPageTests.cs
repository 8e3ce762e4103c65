using Ecom.FeatureStore.Definitions;
using Ecom.Features;

namespace Ecom.UnitTests.FeatureStore;

/// <summary>docs/features.md lists every definition with what it says, and nothing else.</summary>
public sealed class FeaturesPageTests
{
    private static readonly string[] _rows = [.. ShopFeatures.Set.Definitions.Select(RowOf)];

    [Fact]
    public void The_page_lists_every_definition_and_nothing_else() =>
        Guard.Holds(Differences(Repository.Read("docs/features.md"), _rows));

    [Fact]
    public void A_complete_page_passes() => Assert.Empty(Differences($"## List\n{string.Join('\n', _rows)}", _rows));

    [Fact]
    public void A_definition_that_the_page_lacks_or_words_otherwise_is_caught()
    {
        var page = $"## List\n{string.Join('\n', _rows.Skip(1))}";

        Assert.Contains(_rows[0], Assert.Single(Differences(page, _rows)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_without_definition_is_caught()
    {
        var page = $"## List\n{string.Join('\n', _rows)}\n| `gone` | customer |";

        Assert.Contains("gone", Assert.Single(Differences(page, _rows)), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Differences(string page, IReadOnlyCollection<string> rows)
    {
        var listed = MarkdownTable.Section(page, "List")
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal)).ToArray();
        foreach (var missing in rows.Except(listed))
        {
            yield return $"docs/features.md lacks under \"## List\": {missing}";
        }

        foreach (var unknown in listed.Except(rows))
        {
            yield return $"docs/features.md has a row that the code does not: {unknown}";
        }
    }

    private static string RowOf(FeatureDefinition definition)
    {
        var of = definition.Of is { } field ? $" of {Lower(field.ToString())}" : string.Empty;
        var filter = string.Concat(definition.Filter.Select(condition =>
            $" where {Lower(condition.Field.ToString())} = {condition.Value}"));
        var windows = definition.Windows
            .Select(window => definition.FeatureName(window)[(definition.Name.Length + 1)..]);
        return $"| `{definition.Name}` | {Lower(definition.Entity.ToString())} | "
            + $"{Lower(definition.Aggregation.ToString())}{of}: {string.Join(", ", definition.Events)}{filter} | "
            + $"{string.Join(", ", windows)} | {definition.Default?.ToString() ?? "missing"} | "
            + $"{Lower(definition.Type.ToString())} | {definition.Description} | {definition.Owner} |";
    }

    private static string Lower(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
