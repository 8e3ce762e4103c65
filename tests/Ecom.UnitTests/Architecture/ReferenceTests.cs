using System.Xml.Linq;

namespace Ecom.UnitTests.Architecture;

/// <summary>Who may reference whom, held twice: in the project files and in what was compiled.</summary>
public sealed class ReferenceTests
{
    [Fact]
    public void Project_files_keep_to_the_table() => Guard.Holds(InProjectFiles(Repository.Root));

    [Fact]
    public void Compiled_code_keeps_to_the_table() => Guard.Holds(InCode(TypeUses.All));

    [Fact]
    public void All_eight_services_are_looked_at() =>
        Assert.All(ReferenceTable.Services, service => Assert.True(
            File.Exists(Path.Combine(AppContext.BaseDirectory, $"{service}.dll")), $"{service} is not referenced."));

    [Theory]
    [InlineData("services/fraud/Ecom.Fraud.csproj", "services/profiling/Ecom.Profiling.csproj")]
    [InlineData("services/fraud/Ecom.Fraud.csproj", "shared/Ecom.Algorithms.Deep/Ecom.Algorithms.Deep.csproj")]
    [InlineData("services/fraud/Ecom.Fraud.csproj", "deploy/simulator/Ecom.Simulator.csproj")]
    [InlineData("shared/Ecom.Contracts/Ecom.Contracts.csproj", "shared/Ecom.Features/Ecom.Features.csproj")]
    [InlineData("shared/Ecom.Algorithms/Ecom.Algorithms.csproj", "shared/Ecom.Contracts/Ecom.Contracts.csproj")]
    [InlineData(
        "shared/Ecom.ServiceDefaults/Ecom.ServiceDefaults.csproj", "shared/Ecom.Contracts/Ecom.Contracts.csproj")]
    [InlineData("deploy/cli/Ecom.Cli.csproj", "services/training/Ecom.Training.csproj")]
    [InlineData("shared/Ecom.Planted/Ecom.Planted.csproj", "shared/Ecom.Contracts/Ecom.Contracts.csproj")]
    public void A_forbidden_project_reference_is_caught(string from, string to)
    {
        using var tree = Referencing(from, to);
        Assert.StartsWith(from, Assert.Single(InProjectFiles(tree.Root)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("services/fraud/Ecom.Fraud.csproj", "shared/Ecom.Features/Ecom.Features.csproj")]
    [InlineData("services/training/Ecom.Training.csproj", "shared/Ecom.Algorithms.Deep/Ecom.Algorithms.Deep.csproj")]
    [InlineData("tests/Ecom.UnitTests/Ecom.UnitTests.csproj", "services/fraud/Ecom.Fraud.csproj")]
    public void An_allowed_project_reference_passes(string from, string to)
    {
        using var tree = Referencing(from, to);
        Assert.Empty(InProjectFiles(tree.Root));
    }

    [Fact]
    public void A_forbidden_use_in_compiled_code_is_caught()
    {
        const string Source = """
            public sealed class Popularity
            {
                public async Task<object> M() { await Task.Yield(); return new Ecom.Contracts.Orders.OrderLine[1]; }
            }
            """;
        using var planted = new PlantedAssembly("Ecom.Algorithms", "Recommendation", [Source]);
        Assert.Contains(
            "Ecom.Algorithms may not use Ecom.Contracts",
            Assert.Single(InCode(TypeUses.In(planted))),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Features_use_the_numerics_of_the_algorithms_only()
    {
        TypeUses[] uses =
        [
            new("Ecom.Features", "Ecom.Features.A", ["Ecom.Algorithms.Numerics.HyperLogLog"]),
            new("Ecom.Features", "Ecom.Features.B", ["Ecom.Algorithms.Recommendation.ItemKnn"]),
        ];
        Assert.StartsWith("Ecom.Features.B", Assert.Single(InCode(uses)), StringComparison.Ordinal);
    }

    private static PlantedTree Referencing(string from, string to)
    {
        var up = string.Concat(Enumerable.Repeat("../", from.Count(c => c == '/')));
        return new PlantedTree().With(
            from, $"<Project><ItemGroup><ProjectReference Include=\"{up}{to}\" /></ItemGroup></Project>");
    }

    private static IEnumerable<string> InProjectFiles(string root) =>
        from file in Repository.FilesBelow(root, "*.csproj")
        where !file.StartsWith("tests/", StringComparison.Ordinal)
        from reference in XDocument.Load(Path.Combine(root, file)).Descendants("ProjectReference")
        let to = Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'))
        let wrong = ReferenceTable.Forbidden(Path.GetFileNameWithoutExtension(file), to)
        where wrong is not null
        select $"{file}: {wrong}";

    private static IEnumerable<string> InCode(IEnumerable<TypeUses> types) =>
        from type in types
        from use in type.Uses
        let to = ReferenceTable.ProjectOf(use)
        where to is not null
        let wrong = ReferenceTable.Forbidden(type.Project, to) ?? BeyondNumerics(type.Project, to, use)
        where wrong is not null
        select $"{type.Type} uses {use}: {wrong}";

    private static string? BeyondNumerics(string from, string to, string use) =>
        (from, to) is ("Ecom.Features", "Ecom.Algorithms")
        && !use.StartsWith("Ecom.Algorithms.Numerics.", StringComparison.Ordinal)
            ? "Ecom.Features may use Ecom.Algorithms.Numerics only."
            : null;
}
