namespace Ecom.Cli.Services;

/// <summary>Keeps a copy of a built program, from which it runs.</summary>
/// <remarks>
/// A build writes into files in place; a process that has them mapped would crash or mix two versions.
/// </remarks>
internal static class ProgramCopy
{
    /// <summary>Makes a folder equal to another; only files that differ are written.</summary>
    public static void Update(string source, string target)
    {
        Directory.CreateDirectory(target);
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in new DirectoryInfo(source).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(source, file.FullName);
            wanted.Add(relative);
            var copy = new FileInfo(Path.Combine(target, relative));
            if (copy.Exists && copy.Length == file.Length && copy.LastWriteTimeUtc == file.LastWriteTimeUtc)
            {
                continue;
            }

            Directory.CreateDirectory(copy.DirectoryName!);
            var unfinished = copy.FullName + ".new";
            file.CopyTo(unfinished, overwrite: true);
            File.SetLastWriteTimeUtc(unfinished, file.LastWriteTimeUtc);
            File.Move(unfinished, copy.FullName, overwrite: true);
        }

        foreach (var path in Directory.EnumerateFiles(target, "*", SearchOption.AllDirectories))
        {
            if (!wanted.Contains(Path.GetRelativePath(target, path)))
            {
                File.Delete(path);
            }
        }
    }
}
