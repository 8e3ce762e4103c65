using System.Reflection;
using Ecom.Algorithms.Deep;
using Ecom.Build;

namespace Ecom.UnitTests.Algorithms.Deep;

/// <summary>That libtorch loads after the build, also where the system's C++ library is older, and what is said where
/// it does not.</summary>
public sealed class TorchRuntimeTests
{
    private static readonly string[] _system = ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/usr/lib64"];

    private static string Directory => typeof(TorchRuntime).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(one => one.Key == "TorchDirectory").Value!;

    private static byte[] Library => File.ReadAllBytes(Path.Combine(Directory, "libLibTorchSharp.so"));

    [Fact]
    public void Libtorch_loads_from_where_the_build_laid_it_out() => TorchRuntime.Load();

    [Fact]
    public void A_library_that_is_none_is_named_with_the_cure_and_the_next_place_is_tried()
    {
        using var broken = new PlantedFile("libLibTorchSharp.so", "not a library");

        var error = Assert.Throws<TorchUnavailableException>(() => TorchRuntime.LoadFirst(broken.Folder));

        Assert.Contains(broken.Folder, error.Message, StringComparison.Ordinal);
        Assert.Contains("Training:TorchPath", error.Message, StringComparison.Ordinal);
        TorchRuntime.LoadFirst(broken.Folder, Directory);
    }

    [Fact]
    public void A_version_is_weakened_once_by_one_bit()
    {
        const string Version = "GLIBCXX_3.4.11";
        var (before, after) = (Library, Library);

        Assert.Equal(1, WeakenVersion.Change(after, Version));
        Assert.Equal(0, WeakenVersion.Change(after, Version));

        var changed = Enumerable.Range(0, before.Length).Where(at => before[at] != after[at]).ToArray();
        Assert.Equal(before[Assert.Single(changed)] | 0x2, after[changed[0]]);
    }

    [Fact]
    public void A_version_that_is_not_needed_changes_nothing() =>
        Assert.Equal(0, WeakenVersion.Change(Library, "GLIBCXX_9.9.9"));

    [Fact]
    public void The_build_has_weakened_what_this_system_lacks_and_left_the_rest()
    {
        var system = WeakenVersion.SystemHas(_system, "libstdc++.so.6", "GLIBCXX_3.4.32");

        Assert.Equal(system ? 1 : 0, WeakenVersion.Change(Library, "GLIBCXX_3.4.32"));
    }

    [Fact]
    public void A_second_run_writes_nothing_and_a_system_that_has_the_version_is_left_alone()
    {
        using var copy = new PlantedFile("copy.so", Library);
        var first = Weaken(copy.Path, "GLIBCXX_3.4.11", library: "not-there.so");
        var second = Weaken(copy.Path, "GLIBCXX_3.4.11", library: "not-there.so");

        Assert.NotEqual(Library, first);
        Assert.Equal(first, second);
        Assert.Equal(first, Weaken(copy.Path, "GLIBCXX_3.4.21", library: "libstdc++.so.6"));

        static byte[] Weaken(string file, string version, string library)
        {
            Assert.True(new WeakenVersion { File = file, Version = version, Library = library }.Execute());
            return File.ReadAllBytes(file);
        }
    }

    [Fact]
    public void What_is_no_library_is_refused() =>
        Assert.Throws<InvalidDataException>(() => WeakenVersion.Change(new byte[100], "GLIBCXX_3.4.32"));

    private sealed class PlantedFile : IDisposable
    {
        public PlantedFile(string name, byte[] content)
        {
            Folder = System.IO.Directory.CreateTempSubdirectory("ecom-torch-").FullName;
            Path = System.IO.Path.Combine(Folder, name);
            File.WriteAllBytes(Path, content);
        }

        public PlantedFile(string name, string content)
            : this(name, System.Text.Encoding.UTF8.GetBytes(content))
        {
        }

        public string Folder { get; }

        public string Path { get; }

        public void Dispose() => System.IO.Directory.Delete(Folder, recursive: true);
    }
}
