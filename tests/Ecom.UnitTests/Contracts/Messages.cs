using System.Reflection;
using Ecom.Contracts.Orders;

namespace Ecom.UnitTests.Contracts;

/// <summary>
/// The messages of an assembly of contracts, found by reflection so that a new one cannot be forgotten.
/// </summary>
internal static class Messages
{
    private const string Root = "Ecom.Contracts.";

    public static IReadOnlyList<Type> All { get; } = In(typeof(OrderPlaced).Assembly.GetExportedTypes());

    /// <summary>Public records that are no part of another record: what stands at the top of an envelope.</summary>
    public static IReadOnlyList<Type> In(IReadOnlyCollection<Type> types)
    {
        var records = types.Where(IsRecord).ToArray();
        var parts = records
            .SelectMany(record => record.GetProperties().Where(property => property.Name != "EqualityContract"))
            .SelectMany(property => Mentioned(property.PropertyType))
            .ToHashSet();
        return [.. records.Where(record => !parts.Contains(record)).OrderBy(record => record.FullName)];
    }

    /// <summary>Name within the contracts, "Orders.OrderPlaced": MassTransit's identity of a message.</summary>
    public static string NameOf(Type message) => message.FullName!.Replace(Root, "", StringComparison.Ordinal);

    public static bool IsRecord(Type type) =>
        type is { IsClass: true }
        && type.GetMethod("<Clone>$", BindingFlags.Public | BindingFlags.Instance) is not null;

    private static IEnumerable<Type> Mentioned(Type type) =>
        type.IsGenericType ? type.GetGenericArguments().SelectMany(Mentioned)
        : type.IsArray ? Mentioned(type.GetElementType()!)
        : [type];
}
