using System.CodeDom.Compiler;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Components;

namespace Ecom.UnitTests.Architecture;

/// <summary>The types that people wrote, as reflection shows them.</summary>
internal static class ServiceTypes
{
    private static readonly string[] _shared =
    [
        "Ecom.Contracts", "Ecom.Features", "Ecom.Algorithms", "Ecom.ServiceDefaults", "Ecom.Client", "Ecom.Simulator",
    ];

    public static IReadOnlyList<Type> OfServices { get; } = [.. ReferenceTable.Services.SelectMany(Written)];

    public static IReadOnlyList<Type> OfShared { get; } = [.. _shared.SelectMany(Written)];

    /// <summary>Leaves out what compilers, protobuf and Razor made.</summary>
    public static IEnumerable<Type> Written(IEnumerable<Type> types) =>
        types.Where(type => type.FullName!.StartsWith("Ecom.", StringComparison.Ordinal)
            && !type.FullName.Contains('<', StringComparison.Ordinal)
            && !type.IsDefined(typeof(CompilerGeneratedAttribute))
            && !type.IsDefined(typeof(GeneratedCodeAttribute))
            && !type.IsAssignableTo(typeof(IComponent))
            && type.Name != "_Imports");

    private static IEnumerable<Type> Written(string assembly) => Written(Assembly.Load(assembly).GetTypes());
}
