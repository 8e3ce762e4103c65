namespace Ecom.UnitTests;

/// <summary>The working tree that these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Files below a folder, as paths relative to it with forward slashes; build output is left out.</summary>
    public static IEnumerable<string> FilesBelow(string folder, string pattern = "*") =>
        !Directory.Exists(folder)
            ? []
            : Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'))
                .Where(file => !file.Split('/').Any(IsOutput))
                .Order(StringComparer.Ordinal);

    private static bool IsOutput(string part) =>
        part is "artifacts" or "bin" or "obj" or ".git" or ".local" or "TestResults" or "node_modules";

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Ecom.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("No Ecom.sln above the test's directory.");
    }
}

/// <summary>A directory that lives as long as one test: the planted tree of a guard.</summary>
internal sealed class PlantedTree : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ecom-planted-");

    public string Root => _folder.FullName;

    public PlantedTree With(string path, string text)
    {
        var file = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return this;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}

/// <summary>One message for all violations of a guard, so that a run shows the whole list.</summary>
internal static class Guard
{
    public static void Holds(IEnumerable<string> violations)
    {
        var all = violations.ToArray();
        Assert.True(all.Length == 0, $"{all.Length} violation(s):\n{string.Join('\n', all)}");
    }
}
