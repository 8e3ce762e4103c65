using System.Security.Cryptography;
using System.Text;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Services;

/// <summary>Recognises whether files have changed, by path, size and time of change.</summary>
internal static class SourceStamp
{
    private static readonly string[] _sources =
        ["services", "shared", "Directory.Build.props", "Directory.Packages.props", "global.json"];

    private static readonly string[] _generated = ["bin", "obj", "node_modules"];

    public static string Of(IEnumerable<string> paths)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in paths.SelectMany(FilesAt).OrderBy(file => file.FullName, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}\n"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Builds the services in Release, unless nothing has changed since the last build.</summary>
    public static async Task BuildServicesAsync(
        InstanceDirectory instance, Action<string> report, CancellationToken cancellation)
    {
        const string StampFile = "build.stamp";
        var stamp = Of(_sources.Select(source => Path.Combine(Repository.Root, source)));
        var built = ServiceDefinition.All.All(service => File.Exists(ServiceProcesses.BuiltProgram(service)));
        if (built && instance.Load<string>(StampFile) == stamp)
        {
            return;
        }

        report("building the services");
        await ReleaseBuild.RunAsync(Path.Combine(Repository.Root, "deploy", "services.slnf"), cancellation);
        instance.Save(StampFile, stamp);
    }

    private static IEnumerable<FileInfo> FilesAt(string path)
    {
        if (File.Exists(path))
        {
            return [new FileInfo(path)];
        }

        var folder = new DirectoryInfo(path);
        return folder.Exists
            ? folder.EnumerateFiles().Concat(folder.EnumerateDirectories()
                .Where(inner => !_generated.Contains(inner.Name))
                .SelectMany(inner => FilesAt(inner.FullName)))
            : [];
    }
}
