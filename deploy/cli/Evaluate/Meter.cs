using System.Diagnostics;

namespace Ecom.Cli.Evaluate;

/// <summary>Wall and processor time since it was made.</summary>
internal sealed class Meter
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly TimeSpan _cpu = Environment.CpuUsage.TotalTime;

    public double WallSeconds => Stopwatch.GetElapsedTime(_start).TotalSeconds;

    public double CpuSeconds => (Environment.CpuUsage.TotalTime - _cpu).TotalSeconds;
}
