using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Ecom.Cli.Infrastructure;

/// <summary>The folder that holds everything of one instance: state, secrets, data, logs.</summary>
internal sealed class InstanceDirectory
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly string[] _purged =
        ["config", "imports", "logs", "secrets", "services", "storage", "state.json", "build.stamp"];

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private static readonly TimeSpan _lockPoll = TimeSpan.FromMilliseconds(200);
    private readonly Lock _secretsLock = new();

    public InstanceDirectory(string path)
    {
        Root = Path.GetFullPath(path);
        Directory.CreateDirectory(Root);
        Directory.CreateDirectory(Logs);
        Directory.CreateDirectory(Secrets, OwnerOnly | UnixFileMode.UserExecute);
        Processes = new OwnProcesses(Root);
        var ports = Load<SortedDictionary<string, int>>("state.json") ?? [];
        Assigned = ports;
        Ports = new PortBook(ports, Root, PortBook.IsFree);
    }

    public string Root { get; }

    public string Logs => Path.Combine(Root, "logs");

    public string Secrets => Path.Combine(Root, "secrets");

    public OwnProcesses Processes { get; }

    public PortBook Ports { get; }

    /// <summary>Tells instances of one machine apart in names of nodes and folders.</summary>
    public string Hash =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Root)))[..8];

    /// <summary>Ports by name, as kept in <c>state.json</c>.</summary>
    public IReadOnlyDictionary<string, int> Assigned { get; }

    public string LogOf(string process) => Path.Combine(Logs, process + ".log");

    public string LogTail(string process, int lines = 15) =>
        File.Exists(LogOf(process)) ? ExternalCommand.Tail(File.ReadAllText(LogOf(process)), lines) : "(no log)";

    /// <summary>Deletes everything but the locks. Nothing of the instance may run; make a new one afterwards.</summary>
    public void Purge()
    {
        foreach (var name in _purged)
        {
            var path = Path.Combine(Root, name);
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }

            File.Delete(path);
        }
    }

    public void SaveState() => Save("state.json", Assigned);

    /// <summary>A password or key by name; made on first use and kept in a file that only its owner reads.</summary>
    public string Secret(string name)
    {
        const string File = "secrets/secrets.json";
        lock (_secretsLock)
        {
            var secrets = Load<SortedDictionary<string, string>>(File) ?? [];
            if (!secrets.TryGetValue(name, out var secret))
            {
                secret = RandomNumberGenerator.GetHexString(40, lowercase: true);
                secrets[name] = secret;
                Save(File, secrets);
            }

            return secret;
        }
    }

    public T? Load<T>(string relative)
        where T : class
    {
        var path = Path.Combine(Root, relative);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<T>(File.ReadAllText(path), _json) : null;
        }
        catch (JsonException broken)
        {
            throw new SetupException($"{path} cannot be read ({broken.Message}). Delete it and try again.", broken);
        }
    }

    /// <summary>Writes a file that only its owner reads, whole or not at all.</summary>
    public void Save<T>(string relative, T value) => WritePrivate(relative, JsonSerializer.Serialize(value, _json));

    public string WritePrivate(string relative, string text)
    {
        var path = Path.Combine(Root, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
        };
        using (var writer = new StreamWriter(path + ".new", options))
        {
            writer.Write(text);
        }

        File.Move(path + ".new", path, overwrite: true);
        return path;
    }

    /// <summary>
    /// Keeps other commands from changing the instance. The kernel frees the lock of a killed process.
    /// </summary>
    public async Task<IDisposable> LockAsync(string name, Action<string> report, CancellationToken cancellation)
    {
        for (var told = false; ; told = true)
        {
            try
            {
                return new FileStream(
                    Path.Combine(Root, name + ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                if (!told)
                {
                    report($"waiting for another command that works in {Root}");
                }

                await Task.Delay(_lockPoll, cancellation);
            }
        }
    }
}
