using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Ecom.UnitTests.Architecture;

/// <summary>
/// An assembly compiled from the sources of a test, to see a guard catch what is wrong in them. All cases of a test
/// share one, since compiling is what takes time; each has a namespace of its own.
/// </summary>
internal sealed class PlantedAssembly : IDisposable
{
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.Threading.Tasks;
        """;

    // What the planted sources mention, and no more: every reference is read at each compilation.
    private static readonly string[] _mentioned =
    [
        "System.Private.CoreLib", "System.Runtime", "System.Collections", "System.Threading", "System.Net.Http",
        "System.Data.Common", "System.ComponentModel", "System.ComponentModel.Primitives", "netstandard", "Npgsql",
        "Dapper", "StackExchange.Redis", "MassTransit", "MassTransit.Abstractions", "Ecom.Contracts",
        "Microsoft.Extensions.Logging.Abstractions",
    ];

    private static readonly Lazy<MetadataReference[]> _references = new(() =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => _mentioned.Contains(Path.GetFileNameWithoutExtension(path)))
            .Select(path => MetadataReference.CreateFromFile(path))]);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ecom-planted-");
    private readonly string _space;
    private readonly string _file;
    private readonly Lazy<Type[]> _types;

    /// <param name="project">Name of the assembly, for example "Ecom.Fraud".</param>
    /// <param name="folder">Folder, thus namespace, within the project.</param>
    /// <param name="cases">C# declarations; the usual System namespaces are imported.</param>
    public PlantedAssembly(string project, string folder, IEnumerable<string> cases)
    {
        _space = $"{project}.{folder}.Case";
        _file = Path.Combine(_folder.FullName, $"{project}.dll");
        _types = new(() => new AssemblyLoadContext(name: null, isCollectible: true)
            .LoadFromStream(new MemoryStream(File.ReadAllBytes(_file))).GetTypes());

        // ArchUnitNET remembers what it has read by the name of the module.
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary,
            moduleName: $"{project}.{Guid.NewGuid():n}.dll",
            nullableContextOptions: NullableContextOptions.Enable);
        var trees = cases.Select((source, i) => CSharpSyntaxTree.ParseText($"namespace {_space}{i};\n{source}"));
        var result = CSharpCompilation
            .Create(project, [CSharpSyntaxTree.ParseText(Usings), .. trees], _references.Value, options)
            .Emit(_file);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
    }

    public string Folder => _folder.FullName;

    /// <summary>The types of one case, loaded apart from the real assembly of the same name.</summary>
    public Type[] Types(int index) => [.. _types.Value.Where(type => type.Namespace == $"{_space}{index}")];

    /// <summary>Whether a full name of a type belongs to a case.</summary>
    public bool IsOf(int index, string type) => type.StartsWith($"{_space}{index}.", StringComparison.Ordinal);

    public void Dispose() => _folder.Delete(recursive: true);
}
