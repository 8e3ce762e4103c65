using System.Reflection;

namespace Ecom.ServiceDefaults.Tables;

/// <summary>A reference table that is embedded in an assembly, a line a row.</summary>
public static class EmbeddedTable
{
    /// <summary>Its lines, without empty ones and those that begin with #.</summary>
    /// <param name="assembly">The assembly.</param>
    /// <param name="name">The file's name.</param>
    /// <exception cref="InvalidOperationException">There is no such table.</exception>
    public static IEnumerable<string> Lines(Assembly assembly, string name)
    {
        using var stream = assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The embedded table {name} is missing.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
            {
                yield return line;
            }
        }
    }
}
