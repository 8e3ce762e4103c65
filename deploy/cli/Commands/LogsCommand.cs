using System.CommandLine;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Commands;

/// <summary><c>./ecom logs</c></summary>
internal static class LogsCommand
{
    private const int DefaultLines = 50;
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(500);

    public static Command Create()
    {
        var name = new Argument<string?>("service")
        {
            Description = "Service or server; without it, all.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var follow = new Option<bool>("--follow", "-f") { Description = "Goes on with new lines until interrupted." };
        var lines = new Option<int>("--lines", "-n")
        {
            Description = "Last lines to show of each log.",
            DefaultValueFactory = _ => DefaultLines,
        };
        var command = new Command("logs", "Shows the logs of services and servers.") { name, follow, lines };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(name), parsed.GetValue(follow), parsed.GetValue(lines), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string? name, bool follow, int lines, CancellationToken cancellation)
    {
        var instance = new InstanceDirectory(Repository.MainInstance);
        var known = Directory.EnumerateFiles(instance.Logs, "*.log").Order(StringComparer.Ordinal).ToArray();
        var shown = known.Where(path => name is null || Path.GetFileNameWithoutExtension(path) == name).ToArray();
        if (shown.Length == 0)
        {
            throw new SetupException(name is null
                ? "There are no logs yet: ./ecom up"
                : $"There is no log of {name}. Known: "
                    + string.Join(", ", known.Select(path => Path.GetFileNameWithoutExtension(path))));
        }

        var positions = shown.ToDictionary(path => path, path => Show(path, lines, known.Length > 1 && name is null));
        while (follow)
        {
            await Task.Delay(_poll, cancellation);
            foreach (var path in shown)
            {
                positions[path] = ShowNew(path, positions[path], name is null);
            }
        }

        return 0;
    }

    private static long Show(string path, int lines, bool prefixed)
    {
        var length = new FileInfo(path).Length;
        foreach (var line in File.ReadLines(path).TakeLast(lines))
        {
            Terminal.Write(Prefix(path, prefixed) + line);
        }

        return length;
    }

    private static long ShowNew(string path, long position, bool prefixed)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (file.Length <= position)
        {
            return file.Length;
        }

        file.Seek(position, SeekOrigin.Begin);
        using var reader = new StreamReader(file);
        while (reader.ReadLine() is { } line)
        {
            Terminal.Write(Prefix(path, prefixed) + line);
        }

        return file.Position;
    }

    private static string Prefix(string path, bool prefixed) =>
        prefixed ? $"{Path.GetFileNameWithoutExtension(path),-14} " : "";
}
