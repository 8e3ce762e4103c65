using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Ecom.Cli.Infrastructure;

/// <summary>A running process of one instance.</summary>
/// <param name="Id">Process id.</param>
/// <param name="ParentId">Its parent's process id.</param>
/// <param name="Name">What it was started as: a service or a server.</param>
/// <param name="StartTicks">
/// Kernel's start time; with the id it names a process for as long as the machine is up.
/// </param>
/// <param name="Fingerprint">What it was started from; empty where nobody asks.</param>
internal sealed record OwnProcess(int Id, int ParentId, string Name, long StartTicks, string Fingerprint);

/// <summary>How to start a process that outlives the command.</summary>
internal sealed record DetachedStart
{
    public required string Name { get; init; }

    public required IReadOnlyList<string> Command { get; init; }

    public required string LogPath { get; init; }

    public required string WorkingDirectory { get; init; }

    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>True: the command's own environment is passed on, ours added.</summary>
    public bool InheritsEnvironment { get; init; }

    public string Fingerprint { get; init; } = "";
}

/// <summary>Starts, finds and stops the processes of one instance.</summary>
/// <remarks>
/// Every process carries the instance and its name in its environment, and is found by them in <c>/proc</c>. No pid
/// file can be stale, a pid that the system gave to somebody else never matches, and nothing is lost in a crash.
/// </remarks>
internal sealed class OwnProcesses(string instance)
{
    private const string InstanceVariable = "ECOM_INSTANCE";
    private const string NameVariable = "ECOM_PROCESS";
    private const string FingerprintVariable = "ECOM_FINGERPRINT";
    private const int EnvironmentReads = 200;

    // The parent of all threads of the kernel; it and they have no environment.
    private const int KernelThreads = 2;

    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(100);

    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;

    public IReadOnlyList<OwnProcess> All() =>
        Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0 && id != Environment.ProcessId)
            .Select(Read)
            .OfType<OwnProcess>()
            .ToArray();

    /// <summary>The process that was started under a name, not the children that it started.</summary>
    public OwnProcess? Find(string name)
    {
        var named = All().Where(process => process.Name == name).ToArray();
        return named
            .Where(process => named.All(other => other.Id != process.ParentId))
            .OrderBy(process => process.StartTicks)
            .FirstOrDefault();
    }

    public static long MemoryBytes(int processId)
    {
        try
        {
            var pages = File.ReadAllText($"/proc/{processId}/statm").Split(' ')[1];
            return long.Parse(pages, CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <returns>The id of the process; the shell and <c>setsid</c> in front replace themselves by it.</returns>
    public int Start(DetachedStart wanted)
    {
        var start = new ProcessStartInfo(
            "/bin/sh",
            ["-c", "exec >>\"$0\" 2>&1 </dev/null; exec setsid \"$@\"", wanted.LogPath, .. wanted.Command])
        {
            WorkingDirectory = wanted.WorkingDirectory,
        };
        if (!wanted.InheritsEnvironment)
        {
            start.Environment.Clear();
            start.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
            start.Environment["LANG"] = "C.UTF-8";
        }

        foreach (var (key, value) in wanted.Environment)
        {
            start.Environment[key] = value;
        }

        start.Environment[InstanceVariable] = instance;
        start.Environment[NameVariable] = wanted.Name;
        start.Environment[FingerprintVariable] = wanted.Fingerprint;
        using var process = Process.Start(start)
            ?? throw new SetupException($"Cannot start {wanted.Command[0]}.");
        return process.Id;
    }

    /// <summary>Asks the processes of a name to end, and ends what is left after the patience.</summary>
    public async Task StopAsync(string name, int signal, TimeSpan patience, CancellationToken cancellation)
    {
        if (Find(name) is { } main)
        {
            Signal(main, signal);
        }

        for (var waited = TimeSpan.Zero; All().Any(process => process.Name == name); waited += _poll)
        {
            if (waited >= patience)
            {
                foreach (var left in All().Where(process => process.Name == name))
                {
                    Signal(left, Kill);
                }
            }

            await Task.Delay(_poll, cancellation);
        }
    }

    private void Signal(OwnProcess process, int signal)
    {
        // The id could have changed hands since it was listed.
        if (Read(process.Id)?.StartTicks == process.StartTicks)
        {
            _ = SendSignal(process.Id, signal);
        }
    }

    private OwnProcess? Read(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            var (parent, ticks) = ParseStat(stat);
            var isEmpty = id == KernelThreads || parent == KernelThreads || HasEnded(stat);
            var variables = isEmpty ? [] : ReadEnvironment(id);
            if (!variables.Contains($"{InstanceVariable}={instance}"))
            {
                return null;
            }

            return new OwnProcess(
                id, parent, Value(variables, NameVariable), ticks, Value(variables, FingerprintVariable));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // While a process replaces itself by another program, its environment is empty for a moment: a server that was just
    // started would seem to have ended. The moment is long where that process must wait for a core: after some reads
    // this one sleeps a millisecond before each. Reads are counted, not time, for the machine may stand still.
    private static string[] ReadEnvironment(int id)
    {
        var bytes = File.ReadAllBytes($"/proc/{id}/environ");
        var pause = new SpinWait();
        for (var read = 1; read < EnvironmentReads && bytes.Length == 0; read++)
        {
            pause.SpinOnce();
            bytes = File.ReadAllBytes($"/proc/{id}/environ");
        }

        return Encoding.UTF8.GetString(bytes).Split('\0');
    }

    /// <summary>
    /// Parent and start time from <c>/proc/pid/stat</c>; the name in it may hold spaces and parentheses.
    /// </summary>
    internal static (int ParentId, long StartTicks) ParseStat(string stat)
    {
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (int.Parse(fields[1], CultureInfo.InvariantCulture),
            long.Parse(fields[19], CultureInfo.InvariantCulture));
    }

    // What has ended and was not waited for by its parent stays in the list, without environment.
    private static bool HasEnded(string stat) => stat[stat.LastIndexOf(')') + 2] is 'Z' or 'X';

    private static string Value(string[] variables, string name) =>
        variables.FirstOrDefault(variable => variable.StartsWith(name + "=", StringComparison.Ordinal))
            ?[(name.Length + 1)..] ?? "";

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int processId, int signal);
}
