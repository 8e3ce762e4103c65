namespace Ecom.Ingestion.Cleaning;

/// <summary>The reference tables that are embedded in the service, a line a row.</summary>
internal static class Tables
{
    public static IEnumerable<string> Lines(string name)
    {
        using var stream = typeof(Tables).Assembly.GetManifestResourceStream(name)
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
