namespace Ecom.UnitTests.Architecture;

/// <summary>
/// Migrations run in the order of their names and are remembered by them: a number names one, so that two branches that
/// took the same one see it before they run in whatever order their words have.
/// </summary>
public sealed class MigrationTests
{
    [Fact]
    public void No_two_migrations_of_a_service_have_the_same_number() => Guard.Holds(Violations(Repository.Root));

    [Theory]
    [InlineData("001_one.sql", "002_two.sql", 0)]
    [InlineData("001_one.sql", "001_two.sql", 1)]
    [InlineData("001_one.sql", "two.sql", 1)]
    [InlineData("001_one.sql", "01_two.sql", 1)]
    [InlineData("001_one.sql", "002-two.sql", 1)]
    public void A_number_that_stands_twice_or_is_none_is_caught(string one, string other, int violations)
    {
        using var tree = new PlantedTree()
            .With($"services/fraud/Migrations/{one}", "select 1")
            .With($"services/fraud/Migrations/{other}", "select 1")
            .With("services/console/Migrations/001_another.sql", "select 1")
            .With("shared/Ecom.ServiceDefaults/Migrations/001_of_all.sql", "select 1");

        Assert.Equal(violations, Violations(tree.Root).Count());
    }

    private static IEnumerable<string> Violations(string root) => new[] { "services", "shared" }
        .SelectMany(part => Directory.GetDirectories(Path.Combine(root, part), "Migrations", new EnumerationOptions
        {
            RecurseSubdirectories = true,
            MaxRecursionDepth = 1,
        }))
        .SelectMany(folder => InFolder(folder).Select(message => $"{Path.GetRelativePath(root, folder)}: {message}"));

    private static IEnumerable<string> InFolder(string folder)
    {
        var names = Directory.GetFiles(folder, "*.sql").Select(file => Path.GetFileName(file)!).Order().ToArray();
        foreach (var name in names.Where(name => name[3] != '_' || !name[..3].All(char.IsAsciiDigit)))
        {
            yield return $"{name} has no number: name it 001_what_it_adds.sql.";
        }

        foreach (var same in names.GroupBy(name => name[..3]).Where(same => same.Count() > 1))
        {
            yield return $"{string.Join(" and ", same)} have one number: give the later one the next, and let it bear "
                + "to run again where it ran under its old name.";
        }
    }
}
