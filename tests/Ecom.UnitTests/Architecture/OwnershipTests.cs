using System.Text.RegularExpressions;
using Ecom.UnitTests.Tidy;

namespace Ecom.UnitTests.Architecture;

/// <summary>
/// Every table and every family of Redis keys has one service that writes it, and its README says so.
/// </summary>
public sealed partial class OwnershipTests
{
    private static readonly string[] _schemas =
        ["ingestion", "feature_store", "training", "recommendation", "forecasting", "profiling", "fraud", "console"];

    [Fact]
    public void Every_table_and_key_family_has_one_owner_who_says_so() => Guard.Holds(Violations(Repository.Root));

    [Fact]
    public void A_right_service_passes()
    {
        using var tree = Planted();
        Assert.Empty(Violations(tree.Root));
    }

    [Theory]
    [InlineData("Migrations/002_more.sql", "create table if not exists alerts (id uuid);", "alerts")]
    [InlineData("Migrations/002_more.sql", "CREATE UNLOGGED TABLE fraud.alerts (id uuid);", "alerts")]
    [InlineData("Migrations/002_more.sql", "create table profiling.cases (id uuid);", "profiling")]
    [InlineData("Storage/S.cs", "class S { string Q = \"select 1 from profiling.profiles\"; }", "profiling")]
    [InlineData("Storage/S.cs", "class S { string Key(string card) => $\"fraud:seen:{{{card}}}\"; }", "fraud:seen:")]
    [InlineData("Storage/S.cs", "class S { string Key(string id) => $\"profiling:p:{{{id}}}\"; }", "profiling:p:")]
    [InlineData("README.md", "## Owns\n`cases`, `profiling.profiles`; `fraud:card:{card}`.\n", "profiling.profiles")]
    [InlineData("README.md", "## Owns\nTable `cases`; keys `fraud:card:{card}`, `profiling:x:{id}`.\n", "profiling:x:")]
    public void What_is_written_by_nobody_or_by_another_is_caught(string file, string text, string name)
    {
        using var tree = Planted().With($"services/fraud/{file}", text);
        Assert.Contains(name, Assert.Single(Violations(tree.Root)), StringComparison.Ordinal);
    }

    private static PlantedTree Planted() => new PlantedTree()
        .With("services/fraud/Composition.cs", "static class Composition;")
        .With("services/fraud/README.md", "## Owns\nTable `cases`; keys `fraud:card:{card}`.\n## Endpoints\n`x.y`")
        .With(
            "services/fraud/Migrations/001_cases.sql",
            "create table cases (id uuid);\n-- create table old (x int);\ncreate table if not exists %I partition of x")
        .With(
            "services/fraud/Storage/CaseStore.cs",
            "class S { string Key(string card) => $\"fraud:card:{{{card}}}\"; string Q = \"select 1 from cases\"; }");

    private static IEnumerable<string> Violations(string root) =>
        Directory.GetDirectories(Path.Combine(root, "services"))
            .Where(folder => File.Exists(Path.Combine(folder, "Composition.cs"))
                && File.Exists(Path.Combine(folder, "README.md")))
            .SelectMany(folder => InService(folder, Path.GetFileName(folder)));

    private static IEnumerable<string> InService(string folder, string service)
    {
        var schema = service.Replace('-', '_');
        var page = File.ReadAllText(Path.Combine(folder, "README.md"));
        var owned = MarkdownTable.Section(page, "Owns").SelectMany(line => Code().Matches(line))
            .Select(word => word.Groups[1].Value).ToArray();
        foreach (var word in owned.Where(word => IsOfAnother(word, service, schema)))
        {
            yield return $"services/{service}/README.md: {word} belongs to another service.";
        }

        foreach (var table in Tables(folder).Where(table => !Names(owned, table, schema)))
        {
            yield return $"services/{service}/README.md: name the table `{table}` under \"## Owns\".";
        }

        foreach (var file in Repository.FilesBelow(folder, "*.cs"))
        {
            var source = new SourceFile($"services/{service}/{file}", File.ReadAllText(Path.Combine(folder, file)));
            foreach (var violation in InSource(source, owned, service, schema))
            {
                yield return violation;
            }
        }
    }

    private static IEnumerable<string> InSource(SourceFile source, string[] owned, string service, string schema)
    {
        foreach (var sql in ForeignTable().Matches(source.Text).Select(match => match.Groups[1].Value))
        {
            if (_schemas.Contains(sql.Split('.')[0]) && sql.Split('.')[0] != schema)
            {
                yield return $"{source.Path}: {sql} is another service's table: ask that service, or learn by events.";
            }
        }

        foreach (var family in KeyFamily().Matches(source.Text).Select(match => match.Groups[1].Value).Distinct())
        {
            if (family.Split(':')[0] != service)
            {
                yield return $"{source.Path}: the keys {family} of another service.";
            }
            else if (!owned.Any(word => word.StartsWith(family, StringComparison.Ordinal)))
            {
                yield return $"services/{service}/README.md: name the keys `{family}{{id}}` under \"## Owns\".";
            }
        }
    }

    private static IEnumerable<string> Tables(string folder) =>
        Repository.FilesBelow(Path.Combine(folder, "Migrations"), "*.sql")
            .SelectMany(file => CreatedTable().Matches(
                SqlComment().Replace(File.ReadAllText(Path.Combine(folder, "Migrations", file)), "")))
            .Where(match => !match.Value.Contains("partition of", StringComparison.OrdinalIgnoreCase))
            .Select(match => match.Groups[1].Value)
            .Distinct();

    private static bool Names(string[] owned, string table, string schema)
    {
        var name = table.StartsWith(schema + ".", StringComparison.Ordinal) ? table[(schema.Length + 1)..] : table;
        return owned.Contains(name) || owned.Contains($"{schema}.{name}");
    }

    private static bool IsOfAnother(string word, string service, string schema) =>
        (QualifiedTable().IsMatch(word) && _schemas.Contains(word.Split('.')[0]) && word.Split('.')[0] != schema)
        || (KeyWord().IsMatch(word) && word.Split(':')[0] != service);

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(
        @"create\s+(?:unlogged\s+)?table\s+(?:if\s+not\s+exists\s+)?(?!if\b)([\w.]+)(?:\s+partition\s+of)?",
        RegexOptions.IgnoreCase)]
    private static partial Regex CreatedTable();

    [GeneratedRegex("--.*")]
    private static partial Regex SqlComment();

    [GeneratedRegex(@"\b(?:from|join|into|update)\s+([a-z_]+\.[a-z_]+)\b")]
    private static partial Regex ForeignTable();

    // $"fraud:card:{{{card}}}": the family is the part before the entity, whose braces make the hash tag.
    [GeneratedRegex(
        "\"((?:ingestion|feature-store|training|recommendation|forecasting|profiling|fraud|console):[a-z0-9-]+:)")]
    private static partial Regex KeyFamily();

    [GeneratedRegex(@"^[a-z_]+\.[a-z_]+$")]
    private static partial Regex QualifiedTable();

    [GeneratedRegex(@"^[a-z-]+:[a-z0-9-]+:")]
    private static partial Regex KeyWord();
}
