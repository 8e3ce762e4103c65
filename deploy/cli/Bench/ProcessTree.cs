using System.Globalization;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Bench;

/// <summary>The processes of an instance with all that they started, by the name of who started them.</summary>
/// <remarks>A server's workers may overwrite their environment, so they are found as children.</remarks>
internal static class ProcessTree
{
    public static ILookup<string, int> Of(InstanceDirectory instance)
    {
        var named = instance.Processes.All().ToDictionary(process => process.Id, process => process.Name);
        var parents = Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0)
            .ToDictionary(id => id, ParentOf);
        return parents.Keys
            .Select(id => (Id: id, Name: NameOf(id)))
            .Where(process => process.Name is not null)
            .ToLookup(process => process.Name!, process => process.Id);

        string? NameOf(int id)
        {
            for (var at = id; at > 1; at = parents.GetValueOrDefault(at))
            {
                if (named.TryGetValue(at, out var name))
                {
                    return name;
                }
            }

            return null;
        }
    }

    private static int ParentOf(int id)
    {
        try
        {
            return OwnProcesses.ParseStat(File.ReadAllText($"/proc/{id}/stat")).ParentId;
        }
        catch (IOException)
        {
            // It has ended since it was listed.
            return 0;
        }
    }
}
