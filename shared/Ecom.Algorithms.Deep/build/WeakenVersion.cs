#pragma warning disable IDE0005 // The build compiles this file alone, the tests with implicit usings.
using System;
using System.IO;
using System.Linq;
using System.Text;
#pragma warning restore IDE0005

namespace Ecom.Build;

/// <summary>Build task: lets a shared object load where the system's library lacks a symbol version.</summary>
/// <remarks>
/// libLibTorchSharp.so asks for GLIBCXX_3.4.32, which libstdc++ has since GCC 13.2. The one symbol of that version,
/// std::ios_base_library_init, is never called: it exists so that old libraries are noticed. The loader reads the
/// flag "weak" (0x2) of the entry in .gnu.version_r as "warn, do not refuse". Changes nothing where the system has the
/// version, and nothing twice.
/// </remarks>
public sealed class WeakenVersion : Microsoft.Build.Utilities.Task
{
    private const uint NeededVersions = 0x6ffffffe; // SHT_GNU_verneed
    private const ushort Weak = 0x2; // VER_FLG_WEAK

    private static readonly string[] _libraryFolders =
    [
        "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/usr/lib", "/lib",
    ];

    /// <summary>The shared object (ELF, 64 bit, little-endian); rewritten in place when it must be.</summary>
    public string File { get; set; } = "";

    /// <summary>Name of the version, for example GLIBCXX_3.4.32.</summary>
    public string Version { get; set; } = "";

    /// <summary>The system's library that should have it, for example libstdc++.so.6.</summary>
    public string Library { get; set; } = "";

    /// <inheritdoc/>
    public override bool Execute()
    {
        if (SystemHas(_libraryFolders, Library, Version))
        {
            return true;
        }

        var bytes = System.IO.File.ReadAllBytes(File);
        if (Change(bytes, Version) > 0)
        {
            // Another file, not other bytes in the same: it may be a hard link into the package folder.
            System.IO.File.WriteAllBytes(File + ".new", bytes);
            System.IO.File.Delete(File);
            System.IO.File.Move(File + ".new", File);
        }

        return true;
    }

    /// <summary>Whether the library in the first of the folders that has it names the version.</summary>
    public static bool SystemHas(string[] folders, string library, string version)
    {
        var path = folders.Select(folder => Path.Combine(folder, library)).FirstOrDefault(System.IO.File.Exists);
        return path != null
            && Encoding.ASCII.GetString(System.IO.File.ReadAllBytes(path)).Contains(version + "\0");
    }

    /// <summary>Sets the flag on every need of the version that has it not.</summary>
    /// <returns>How many entries were changed.</returns>
    /// <exception cref="InvalidDataException">Not such an ELF file.</exception>
    public static int Change(byte[] elf, string version)
    {
        if (elf.Length < 64 || elf[0] != 0x7f || elf[1] != 'E' || elf[2] != 'L' || elf[3] != 'F' || elf[4] != 2)
        {
            throw new InvalidDataException("Not a 64 bit ELF file.");
        }

        var sections = (int)BitConverter.ToUInt64(elf, 0x28);
        var size = BitConverter.ToUInt16(elf, 0x3a);
        var changed = 0;
        for (var number = 0; number < BitConverter.ToUInt16(elf, 0x3c); number++)
        {
            var header = sections + (number * size);
            if (BitConverter.ToUInt32(elf, header + 4) == NeededVersions)
            {
                var names = sections + ((int)BitConverter.ToUInt32(elf, header + 0x28) * size);
                var needs = (int)BitConverter.ToUInt32(elf, header + 0x2c);
                changed += ChangeSection(elf, version, Offset(elf, header), needs, Offset(elf, names));
            }
        }

        return changed;
    }

    private static int Offset(byte[] elf, int header) => (int)BitConverter.ToUInt64(elf, header + 0x18);

    // Elf64_Verneed: version, count, file, first entry, next; Elf64_Vernaux: hash, flags, other, name, next.
    private static int ChangeSection(byte[] elf, string version, int need, int needs, int names)
    {
        var changed = 0;
        for (; needs > 0; needs--, need += BitConverter.ToInt32(elf, need + 12))
        {
            var entry = need + BitConverter.ToInt32(elf, need + 8);
            for (var left = BitConverter.ToUInt16(elf, need + 2); left > 0; left--)
            {
                var flags = BitConverter.ToUInt16(elf, entry + 4);
                if (Name(elf, names + BitConverter.ToInt32(elf, entry + 8)) == version && (flags & Weak) == 0)
                {
                    BitConverter.GetBytes((ushort)(flags | Weak)).CopyTo(elf, entry + 4);
                    changed++;
                }

                entry += BitConverter.ToInt32(elf, entry + 12);
            }
        }

        return changed;
    }

    private static string Name(byte[] elf, int at) =>
        Encoding.ASCII.GetString(elf, at, Array.IndexOf(elf, (byte)0, at) - at);
}
