using System.Security.Cryptography;
using Ecom.Training.Storage;
using Microsoft.Extensions.Options;

namespace Ecom.Training.Registry;

/// <summary>
/// The files of model versions, below <c>Storage:Path</c>: written once, checked whenever they are used.
/// </summary>
internal sealed class ArtefactStore(IOptions<StorageOptions> options)
{
    private string Root => Path.Combine(options.Value.Path, "artefacts");

    private string Work => Path.Combine(options.Value.Path, "work");

    /// <summary>An empty directory for one attempt at a run; what earlier attempts left is deleted.</summary>
    public string CreateWorkFolder(Guid runId, int attempt)
    {
        DeleteWorkFolders(runId);
        return Directory.CreateDirectory(
            Path.Combine(Work, FormattableString.Invariant($"{runId:N}-{attempt}"))).FullName;
    }

    public void DeleteWorkFolders(Guid runId)
    {
        Directory.CreateDirectory(Work);
        foreach (var folder in Directory.EnumerateDirectories(Work, $"{runId:N}-*"))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>SHA-256 of a file, lower-case hex, and its length.</summary>
    public static async Task<(string Sha256, long Bytes)> MeasureAsync(string file, CancellationToken cancellation)
    {
        await using var stream = File.OpenRead(file);
        return (Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation)), stream.Length);
    }

    /// <summary>Moves a finished file to its place in one step.</summary>
    /// <returns>Its path below the artefacts' directory.</returns>
    public string Keep(string finishedFile, string model, int version)
    {
        var name = Path.Combine(model, FormattableString.Invariant($"{version}.bin"));
        var target = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        // A file of this number can only be left over from a registration that was rolled back.
        File.Move(finishedFile, target, overwrite: true);
        return name;
    }

    /// <summary>Opens a version's file for reading, after its checksum has been found right.</summary>
    /// <returns>Null when the file is missing or damaged: it must not be used.</returns>
    public async Task<Stream?> OpenAsync(VersionRow version, CancellationToken cancellation)
    {
        FileStream stream;
        try
        {
            stream = new FileStream(
                Path.Combine(Root, version.ArtefactFile),
                new FileStreamOptions { Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation));
        if (hash != version.ArtefactSha256)
        {
            await stream.DisposeAsync();
            return null;
        }

        stream.Position = 0;
        return stream;
    }
}
