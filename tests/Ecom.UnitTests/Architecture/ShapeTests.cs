using System.Reflection;
using System.Runtime.CompilerServices;
using Ecom.Contracts.Orders;
using Ecom.UnitTests.Contracts;

namespace Ecom.UnitTests.Architecture;

/// <summary>The shape of contracts, of the types of services, and of interfaces.</summary>
public sealed class ShapeTests
{
    [Fact]
    public void Contracts_are_sealed_records_with_init_properties_only() =>
        Guard.Holds(typeof(OrderPlaced).Assembly.GetTypes().Where(IsWritten).SelectMany(NoContract));

    [Fact]
    public void Types_of_services_are_internal_and_sealed() =>
        Guard.Holds(ServiceTypes.OfServices.SelectMany(OpenToAll));

    [Fact]
    public void Every_interface_has_two_implementations()
    {
        var ours = ServiceTypes.OfServices.Concat(ServiceTypes.OfShared).ToArray();
        Guard.Holds(Lonely(ours, [.. ours, .. Assembly.GetExecutingAssembly().GetTypes()]));
    }

    [Fact]
    public void A_contract_of_another_shape_is_caught()
    {
        (string Source, string Because)[] cases =
        [
            ("public record A { public int X { get; init; } }", "sealed"),
            ("internal sealed record A { public int X { get; init; } }", "public"),
            ("public sealed class A { public int X { get; init; } }", "record"),
            ("public interface A { int X { get; } }", "record"),
            ("public sealed record A { public int X { get; set; } }", "init"),
            ("public sealed record A { public int X => 1; }", "init"),
            ("public sealed record A { public int X; }", "field"),
            ("public sealed record A { public int X { get; init; } public int M() => X; }", "method"),
            ("public sealed record A(int X);", "positional"),
            ("public sealed record A : IComparable<A> { public int CompareTo(A? other) => 0; }", "inherit"),
        ];
        using var planted = new PlantedAssembly("Ecom.Contracts", "Planted", cases.Select(one => one.Source));
        Assert.All(cases, (one, i) => Assert.Contains(
            planted.Types(i).Where(IsWritten).SelectMany(NoContract),
            violation => violation.Contains(one.Because, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_right_contract_passes()
    {
        const string Source = """
            public sealed record A { public required string X { get; init; } public B? Y { get; init; } }
            public enum B { C }
            """;
        using var planted = new PlantedAssembly("Ecom.Contracts", "Planted", [Source]);
        Assert.Empty(planted.Types(0).Where(IsWritten).SelectMany(NoContract));
    }

    [Fact]
    public void A_type_open_to_all_is_caught()
    {
        (string Source, bool Caught)[] cases =
        [
            ("public sealed class A;", true),
            ("internal class A;", true),
            ("public sealed class A { public sealed record B; }", true),
            ("internal sealed class A { private class B; }", true),
            ("internal sealed class A;", false),
            ("internal static class A { internal static int X => 1; }", false),
            ("internal abstract class A; internal sealed class B : A;", false),
            ("internal enum A { X } internal interface B; internal readonly record struct C(int X);", false),
        ];
        using var planted = new PlantedAssembly("Ecom.Fraud", "Planted", cases.Select(one => one.Source));
        Assert.All(cases, (one, i) => Assert.Equal(
            one.Caught, ServiceTypes.Written(planted.Types(i)).SelectMany(OpenToAll).Any()));
    }

    [Fact]
    public void An_interface_with_one_implementation_is_caught()
    {
        (string Source, bool Caught)[] cases =
        [
            ("interface I; sealed class A : I;", true),
            ("interface I<T>; sealed class A : I<int>;", true),
            ("interface I; abstract class X : I; sealed class A : X;", true),
            ("interface I; sealed class A : I; sealed class B : I;", false),
            ("interface I<T>; sealed class A : I<int>; sealed class B : I<string>;", false),
        ];
        using var planted = new PlantedAssembly("Ecom.Fraud", "Planted", cases.Select(one => one.Source));
        Assert.All(cases, (one, i) => Assert.Equal(one.Caught, Lonely(planted.Types(i), planted.Types(i)).Any()));
    }

    private static bool IsWritten(Type type) =>
        type.Namespace?.StartsWith("Ecom.", StringComparison.Ordinal) == true
        && !type.IsDefined(typeof(CompilerGeneratedAttribute));

    private static IEnumerable<string> NoContract(Type type)
    {
        if (!type.IsVisible)
        {
            yield return $"{type}: a contract is public.";
        }

        if (type.IsEnum)
        {
            yield break;
        }

        if (!Messages.IsRecord(type))
        {
            yield return $"{type}: a contract is a record or an enum, nothing else.";
            yield break;
        }

        if (!type.IsSealed)
        {
            yield return $"{type}: a contract is sealed.";
        }

        var equatable = typeof(IEquatable<>).MakeGenericType(type);
        if (type.BaseType != typeof(object) || type.GetInterfaces().Any(one => one != equatable))
        {
            yield return $"{type}: a contract does not inherit.";
        }

        foreach (var violation in WrongMembers(type))
        {
            yield return $"{type}{violation}";
        }
    }

    private static IEnumerable<string> WrongMembers(Type type)
    {
        const BindingFlags Declared =
            BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        foreach (var field in type.GetFields(Declared))
        {
            yield return $".{field.Name}: a public field; a contract has init properties.";
        }

        foreach (var property in type.GetProperties(Declared).Where(property => !IsInit(property)))
        {
            yield return $".{property.Name}: not an init property.";
        }

        foreach (var method in type.GetMethods(Declared).Where(method =>
            !method.IsSpecialName && !method.IsDefined(typeof(CompilerGeneratedAttribute))))
        {
            yield return $".{method.Name}: a method; a contract has init properties only.";
        }

        if (type.GetConstructors().Any(constructor => constructor.GetParameters().Length > 0))
        {
            yield return ": positional; a contract has init properties, so that adding one breaks nobody.";
        }
    }

    private static bool IsInit(PropertyInfo property) =>
        property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) == true;

    private static IEnumerable<string> OpenToAll(Type type)
    {
        if (type.IsVisible)
        {
            yield return $"{type} is public: types of a service are internal.";
        }

        if (type is { IsClass: true, IsSealed: false, IsAbstract: false })
        {
            yield return $"{type} is not sealed.";
        }
    }

    private static IEnumerable<string> Lonely(IEnumerable<Type> types, IReadOnlyCollection<Type> everywhere) =>
        from type in types
        where type.IsInterface
        let count = everywhere.Count(other => Implements(other, type))
        where count < 2
        select $"{type}: an interface with {count} implementation(s): use the class itself.";

    private static bool Implements(Type type, Type contract) =>
        type is { IsInterface: false, IsAbstract: false }
        && type.GetInterfaces().Any(one =>
            one == contract || (one.IsGenericType && one.GetGenericTypeDefinition() == contract));
}
