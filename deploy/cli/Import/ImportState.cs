using System.Security.Cryptography;
using System.Text.Json;

namespace Ecom.Cli.Import;

/// <summary>How far an import has come: a file in <c>.local/imports</c>, named after the source's content.</summary>
/// <remarks>It is gone once the import is complete: the next one of the same file sends everything again.</remarks>
internal sealed record ImportState
{
    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true };
    private string _path = "";

    /// <summary>Where it goes. Another address begins anew.</summary>
    public required string Address { get; init; }

    /// <summary>How far dates are shifted; kept, so that a resumed import shifts by the same weeks.</summary>
    public required TimeSpan Shift { get; init; }

    /// <summary>Verdicts on the catalogue; null until it is there.</summary>
    public Tally? Products { get; set; }

    /// <summary>Finished batches of events, by number.</summary>
    public SortedDictionary<int, Tally> Batches { get; init; } = [];

    /// <summary>The interrupted import of a file, or a new one.</summary>
    /// <param name="folder">Where states are kept.</param>
    /// <param name="file">The file to import.</param>
    /// <param name="begin">The state of an import that begins.</param>
    public static ImportState Open(string folder, string file, ImportState begin)
    {
        var path = Path.Combine(folder, $"{HashOf(file)}.json");
        var state = Load(path);
        state = state?.Address == begin.Address ? state : begin;
        state._path = path;
        return state;
    }

    public void Save()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        File.WriteAllText(_path + ".new", JsonSerializer.Serialize(this, _indented));
        File.Move(_path + ".new", _path, overwrite: true);
    }

    public void Complete() => File.Delete(_path);

    private static ImportState? Load(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<ImportState>(File.ReadAllText(path)) : null;
        }
        catch (JsonException)
        {
            // Duplicates are recognised by the server: to begin anew costs time, not correctness.
            return null;
        }
    }

    private static string HashOf(string file)
    {
        using var content = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(content))[..16];
    }
}
