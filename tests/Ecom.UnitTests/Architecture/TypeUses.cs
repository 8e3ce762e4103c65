using ArchUnitNET.Loader;

namespace Ecom.UnitTests.Architecture;

/// <summary>A type of ours and the full names of the types that its code uses, bodies included.</summary>
internal sealed record TypeUses(string Project, string Type, IReadOnlyList<string> Uses)
{
    private static readonly Lazy<TypeUses[]> _all = new(() => In(AppContext.BaseDirectory));

    /// <summary>
    /// Every type of services, shared projects, simulator and command line; the tests' own are left out.
    /// </summary>
    public static IReadOnlyList<TypeUses> All => _all.Value;

    public static TypeUses[] In(PlantedAssembly planted) => In(planted.Folder);

    // Lambdas, iterators and async methods count for the type that they are written in.
    private static TypeUses[] In(string folder)
    {
        var loader = new ArchLoader();
        foreach (var file in Directory.GetFiles(folder, "Ecom.*.dll").Append(Path.Combine(folder, "ecom-cli.dll")))
        {
            if (File.Exists(file) && Path.GetFileName(file) is not ("Ecom.UnitTests.dll" or "Ecom.Testing.dll"))
            {
                loader.LoadFilteredDirectory(folder, Path.GetFileName(file));
            }
        }

        return [.. loader.Build().Types
            .Where(type => type.FullName.StartsWith("Ecom.", StringComparison.Ordinal))
            .Select(type => new TypeUses(
                ReferenceTable.ProjectOf(type.FullName) ?? type.Assembly.Name.Split(',')[0],
                type.FullName,
                [.. type.Dependencies.Select(use => use.Target.FullName).Distinct().Order(StringComparer.Ordinal)]))];
    }
}
