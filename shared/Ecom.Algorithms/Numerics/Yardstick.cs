using System.Diagnostics;

namespace Ecom.Algorithms.Numerics;

/// <summary>How fast this machine multiplies right now: what other speeds are to be seen beside.</summary>
public static class Yardstick
{
    private const int Size = 1_000;
    private const int Runs = 3;

    /// <summary>The best of three products of two 1,000 × 1,000 single-precision matrices, in 10⁹ operations a
    /// second.</summary>
    /// <param name="threads">Threads, at least 1.</param>
    public static double MeasureGigaflops(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        var (a, b, c) = (new float[Size * Size], new float[Size * Size], new float[Size * Size]);
        a.AsSpan().Fill(0.5f);
        b.AsSpan().Fill(0.25f);
        var best = double.MaxValue;
        for (var run = 0; run < Runs; run++)
        {
            var started = Stopwatch.GetTimestamp();
            DenseMatrix.MultiplyAdd(a, Size, b, Size, c, Size, Size, Size, Size, 1, threads);
            best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        return 2.0 * Size * Size * Size / best / 1e9;
    }
}
