using Ecom.FeatureStore.Definitions;
using Ecom.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.FeatureStore.Endpoints;

/// <summary>Checks what callers ask for.</summary>
internal static class Asked
{
    /// <summary>The kind of entity that a path or body names in lower or camel case; null if there is none.</summary>
    public static EntityKind? Kind(string name) =>
        Enum.TryParse<EntityKind>(name, ignoreCase: true, out var kind) && !char.IsAsciiDigit(name[0])
            && ShopFeatures.Set.FeaturesOf(kind).Count > 0
            ? kind
            : null;

    /// <summary>The features of a kind that are named; all if none is.</summary>
    /// <returns>No features and the unknown names if some are unknown.</returns>
    public static (IReadOnlyList<Feature> Features, IReadOnlyList<string> Unknown) Features(
        EntityKind kind, IReadOnlyCollection<string>? names)
    {
        var all = ShopFeatures.Set.FeaturesOf(kind);
        if (names is null || names.Count == 0)
        {
            return (all, []);
        }

        var unknown = names.Except(all.Select(feature => feature.Name)).ToArray();
        return unknown.Length > 0 ? ([], unknown) : ([.. all.Where(feature => names.Contains(feature.Name))], []);
    }

    public static ValidationProblem Problem(string field, string reason) =>
        TypedResults.ValidationProblem(new Dictionary<string, string[]> { [field] = [reason] });

    public static ValidationProblem UnknownKind(string name) => Problem(
        "entity", $"'{name}' is no entity that has features. There are: {string.Join(", ", KindNames())}.");

    public static ValidationProblem UnknownFeatures(IEnumerable<string> names) => Problem(
        "names", $"Not features of this entity: {string.Join(", ", names)}. GET /v1/definitions lists them.");

    public static string NameOf(EntityKind kind) => char.ToLowerInvariant(kind.ToString()[0]) + kind.ToString()[1..];

    private static IEnumerable<string> KindNames() => Enum.GetValues<EntityKind>()
        .Where(kind => ShopFeatures.Set.FeaturesOf(kind).Count > 0).Select(NameOf);
}
