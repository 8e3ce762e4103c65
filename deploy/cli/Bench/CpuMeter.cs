using System.Globalization;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Bench;

/// <summary>Processor time of every process of an instance, and of this command, between two readings.</summary>
internal sealed class CpuMeter(InstanceDirectory instance)
{
    public const string Generator = "load generator";
    private const string Machine = "";
    private const double TicksPerSecond = 100;
    private Dictionary<string, double> _before = [];

    /// <summary>Everything from here on counts.</summary>
    public void Start() => _before = Read();

    /// <summary>Processor seconds since <see cref="Start"/>, by name of process, most first.</summary>
    /// <param name="others">
    /// Seconds of everything else on the machine, the kernel's own threads included: how quiet it was.
    /// </param>
    public IReadOnlyDictionary<string, double> Stop(out double others)
    {
        var spent = Read().ToDictionary(
            reading => reading.Key, reading => reading.Value - _before.GetValueOrDefault(reading.Key));
        spent.Remove(Machine, out var all);
        others = Math.Max(0, all - spent.Values.Sum());
        return spent.Where(pair => pair.Value > 0).OrderByDescending(pair => pair.Value).ToDictionary();
    }

    private Dictionary<string, double> Read()
    {
        // The time of children that have ended is with their parent.
        var seconds = ProcessTree.Of(instance).ToDictionary(group => group.Key, group => group.Sum(SecondsOf));
        seconds[Generator] = Environment.CpuUsage.TotalTime.TotalSeconds;
        seconds[Machine] = MachineSeconds(File.ReadLines("/proc/stat").First());
        return seconds;
    }

    private static double SecondsOf(int process)
    {
        try
        {
            return ProcessSeconds(File.ReadAllText($"/proc/{process}/stat"));
        }
        catch (IOException)
        {
            // It has ended since it was listed.
            return 0;
        }
    }

    /// <summary>Own time and that of ended children, from <c>/proc/pid/stat</c>.</summary>
    internal static double ProcessSeconds(string stat) =>
        stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[11..15].Sum(Number) / TicksPerSecond;

    /// <summary>
    /// Busy time of all cores from the first line of <c>/proc/stat</c>: user, nice, system, interrupts.
    /// </summary>
    internal static double MachineSeconds(string line)
    {
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (fields[1..4].Sum(Number) + fields[6..8].Sum(Number)) / TicksPerSecond;
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
