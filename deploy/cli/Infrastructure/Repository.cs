namespace Ecom.Cli.Infrastructure;

/// <summary>The check-out that the command belongs to.</summary>
internal static class Repository
{
    private const string Mark = "Ecom.sln";

    /// <summary>The folder with the solution, from the program's own folder upwards.</summary>
    public static string Root { get; } =
        Find(AppContext.BaseDirectory)
        ?? throw new InvalidOperationException($"No {Mark} found above {AppContext.BaseDirectory}.");

    /// <summary>Everything that runs belongs to this instance.</summary>
    public static string MainInstance => Path.Combine(Root, ".local");

    /// <summary>Servers of the tests; a running system is not disturbed.</summary>
    public static string TestInstance => Path.Combine(Root, ".local", "test");

    /// <summary>Servers that single tests stop, start and kill.</summary>
    public static string OwnTestInstances => Path.Combine(Root, ".local", "test-own");

    /// <summary>The system that <c>./ecom bench faults</c> breaks.</summary>
    public static string FaultInstance => Path.Combine(Root, ".local", "faults");

    private static string? Find(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, Mark)))
            {
                return at.FullName;
            }
        }

        return null;
    }
}
