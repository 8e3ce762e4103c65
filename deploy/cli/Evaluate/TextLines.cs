using System.IO.Compression;
using System.Text;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Evaluate;

/// <summary>The lines of a text file, plain or gzipped.</summary>
internal static class TextLines
{
    /// <summary>Lines that are not blank, with their numbers from 1.</summary>
    /// <exception cref="SetupException">The file is missing or its compressed data is damaged.</exception>
    public static IEnumerable<(int Number, string Text)> Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new SetupException($"{path}: no such file.");
        }

        using var file = File.OpenRead(path);
        var isGzip = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
        file.Position = 0;
        using var content = isGzip ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
        using var text = new StreamReader(content, Encoding.UTF8);
        for (var number = 1; Next(text, path) is { } line; number++)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return (number, line);
            }
        }
    }

    private static string? Next(StreamReader text, string path)
    {
        try
        {
            return text.ReadLine();
        }
        catch (InvalidDataException broken)
        {
            throw new SetupException($"{path}: the compressed data is damaged ({broken.Message}).", broken);
        }
    }
}
