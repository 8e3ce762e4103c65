using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;

namespace Ecom.ServiceDefaults.Storage;

/// <summary>
/// Model artefacts on this machine's disk, fetched from training when missing: the last good one serves while training
/// is away.
/// Register it with <c>AddServiceClient&lt;ArtefactCache&gt;("Training")</c>. Files lie under
/// <c>Storage:Path</c>/artefacts.
/// </summary>
public sealed class ArtefactCache(HttpClient training, IConfiguration configuration)
{
    private readonly string _directory =
        Path.Combine(configuration["Storage:Path"] ?? Path.Combine(Path.GetTempPath(), "ecom"), "artefacts");

    /// <summary>Opens an artefact for reading.</summary>
    /// <param name="path">Path under training's address, as announced by ModelPromoted.</param>
    /// <param name="sha256">Expected checksum, lower-case hex; also its name on disk.</param>
    /// <param name="cancellation">Stops a download; what was loaded so far is deleted.</param>
    /// <exception cref="InvalidDataException">What was downloaded has another checksum.</exception>
    /// <exception cref="HttpRequestException">Training cannot be reached and the artefact is not on disk.</exception>
    public async Task<Stream> OpenAsync(string path, string sha256, CancellationToken cancellation)
    {
        if (sha256.Length != 64 || !sha256.All(char.IsAsciiHexDigit))
        {
            throw new InvalidDataException("The artefact's checksum is not a SHA-256 in hex.");
        }

        var file = Path.Combine(_directory, sha256);
        if (!File.Exists(file))
        {
            await DownloadAsync(path, sha256, file, cancellation);
        }

        return File.OpenRead(file);
    }

    private async Task DownloadAsync(string path, string sha256, string file, CancellationToken cancellation)
    {
        Directory.CreateDirectory(_directory);
        var part = $"{file}.{Guid.NewGuid():N}.part";
        try
        {
            await using (var target = File.Create(part))
            {
                using var answer = await training.GetAsync(
                    path.TrimStart('/'), HttpCompletionOption.ResponseHeadersRead, cancellation);
                answer.EnsureSuccessStatusCode();
                await answer.Content.CopyToAsync(target, cancellation);
                target.Position = 0;
                var actual = Convert.ToHexStringLower(await SHA256.HashDataAsync(target, cancellation));
                if (actual != sha256)
                {
                    throw new InvalidDataException($"Artefact {path} has checksum {actual}; {sha256} was announced.");
                }
            }

            File.Move(part, file, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }
    }
}
