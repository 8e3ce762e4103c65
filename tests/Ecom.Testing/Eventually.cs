using System.Diagnostics;
using Xunit;

namespace Ecom.Testing;

/// <summary>Waits for what an event-driven system does soon.</summary>
public static class Eventually
{
    private const int ReadsPerSecond = 2;
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(50);

    /// <summary>Reads until the value fits; fails with the last value seen when the time is over.</summary>
    /// <remarks>A machine that stood still meanwhile is given its reads all the same.</remarks>
    public static async Task<T> ReadAsync<T>(Func<Task<T>> read, Func<T, bool> fits, int seconds = 30)
    {
        var watch = Stopwatch.StartNew();
        for (var reads = 1; ; reads++)
        {
            var value = await read();
            if (fits(value))
            {
                return value;
            }

            if (watch.Elapsed > TimeSpan.FromSeconds(seconds) && reads >= seconds * ReadsPerSecond)
            {
                Assert.Fail($"Not within {seconds} s. Last seen: {value}");
            }

            await Task.Delay(_interval);
        }
    }

    /// <summary>Waits until the condition holds; fails when the time is over.</summary>
    public static Task BeTrueAsync(Func<Task<bool>> condition, int seconds = 30) =>
        ReadAsync(condition, holds => holds, seconds);
}
