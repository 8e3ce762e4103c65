using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Ecom.Algorithms.Deep;

/// <summary>Whether libtorch can be used in this process, and its start.</summary>
/// <remarks>
/// libtorch is half a gigabyte of native files for Linux x64 that not every machine can load. Nothing but the models of
/// this assembly needs it.
/// </remarks>
public static class TorchRuntime
{
    /// <summary>Share of a large product's speed that training reaches, as measured on ml-1m.</summary>
    internal const double Efficiency = 0.4;

    /// <summary>What libtorch itself takes.</summary>
    internal const long Bytes = 250L << 20;

    private const string Library = "libLibTorchSharp.so";
    private static readonly Lock _gate = new();
    private static bool _loaded;

    /// <summary>Loads libtorch, once a process.</summary>
    /// <param name="directory">
    /// Where its files lie; null for the folder <c>torch</c> beside the program, else where the build laid them out.
    /// </param>
    /// <param name="threads">Threads of its operations, at least 1.</param>
    /// <exception cref="TorchUnavailableException">It cannot be loaded; says why and what to do.</exception>
    public static void Load(string? directory = null, int threads = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        lock (_gate)
        {
            if (!_loaded)
            {
                LoadFirst(directory is null ? DefaultDirectories() : [directory]);
                _loaded = true;
            }

            torch.set_num_threads(threads);
        }
    }

    /// <summary>Loads from the first directory that works.</summary>
    internal static void LoadFirst(params string[] directories)
    {
        var reasons = new List<string>();
        foreach (var directory in directories)
        {
            try
            {
                // TorchSharp takes the library that is loaded already; left alone it would look in other places and
                // then copy all native files beside the program.
                NativeLibrary.Load(Path.Combine(directory, Library));
                torch.InitializeDeviceType(DeviceType.CPU);
                return;
            }
            catch (Exception reason) when (reason
                is DllNotFoundException or BadImageFormatException or NotSupportedException)
            {
                reasons.Add(reason.Message.Split('\n')[0]);
            }
        }

        throw new TorchUnavailableException(string.Join(' ', reasons));
    }

    private static string[] DefaultDirectories()
    {
        var built = typeof(TorchRuntime).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .First(one => one.Key == "TorchDirectory").Value!;
        return [Path.Combine(AppContext.BaseDirectory, "torch"), built];
    }
}

/// <summary>libtorch cannot be loaded.</summary>
/// <param name="reason">What the loader says.</param>
public sealed class TorchUnavailableException(string reason) : Exception(
    $"Deep models need libtorch, which cannot be loaded here: {reason} It runs on Linux x64 with glibc 2.29 or newer. "
    + "Build shared/Ecom.Algorithms.Deep on this machine, or set Training:TorchPath to the folder of its files. All "
    + "other trainers work without it.");
