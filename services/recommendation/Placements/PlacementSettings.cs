using System.Text.Json.Serialization;
using Ecom.Recommendation.Settings;

namespace Ecom.Recommendation.Placements;

/// <summary>A placement as it is stored and sent: what is left out takes its default.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PlacementSettings
{
    /// <summary>
    /// Lists in order: personal, session, similar, bought-together, segment, trending, popular, catalogue.
    /// </summary>
    public IReadOnlyList<string> Sources { get; init => field = value ?? []; } = [];

    /// <summary>Lists that fill what the sources leave open. Default none: then comes any product on sale.</summary>
    public IReadOnlyList<string> Fallback { get; init => field = value ?? []; } = [];

    /// <summary>Products of an answer when the request names no number, 1 to 200. Default 10.</summary>
    public int Count { get; init; } = 10;

    /// <summary>
    /// Strength of diversity, 0 to 1; 0.5 costs hardly any relevance. Default 0: some places want what is alike.
    /// </summary>
    public double Diversity { get; init; }

    /// <summary>Whether bought products are left out. Default true.</summary>
    public bool ExcludeBought { get; init; } = true;

    /// <summary>Share of positions given to a random candidate, 0 to 0.5. Default 0.</summary>
    public double Exploration { get; init; }

    /// <summary>How far products shown lately move down, 0 to 1. Default 0.</summary>
    public double Rotation { get; init; }

    /// <summary>Whether a filter may leave the answer short. Default false.</summary>
    public bool Strict { get; init; }

    /// <summary>What is wrong, by JSON path; empty when nothing is.</summary>
    /// <param name="longestAnswer">Most products that one answer may hold.</param>
    public Dictionary<string, string[]> Check(int longestAnswer)
    {
        var errors = new Dictionary<string, string[]>();
        CheckSources(errors, "sources", Sources);
        CheckSources(errors, "fallback", Fallback);
        if (Sources is not { Count: > 0 })
        {
            errors["sources"] = [$"At least one of: {string.Join(", ", PlacementSources.Names)}."];
        }

        errors.CheckRange("count", Count, 1, longestAnswer);
        errors.CheckRange("diversity", Diversity, 0, 1);
        errors.CheckRange("exploration", Exploration, 0, 0.5);
        errors.CheckRange("rotation", Rotation, 0, 1);
        return errors;
    }

    /// <summary>The placement. A list that this version of the service does not know is left out.</summary>
    public Placement ToPlacement(string name, int version) => new()
    {
        Name = name,
        Version = version,
        Sources = PlacementSources.Known(Sources),
        Fallback = PlacementSources.Known(Fallback),
        Count = Count,
        Diversity = Diversity,
        ExcludeBought = ExcludeBought,
        Exploration = Exploration,
        Rotation = Rotation,
        Strict = Strict,
    };

    private static void CheckSources(Dictionary<string, string[]> errors, string path, IReadOnlyList<string>? names)
    {
        foreach (var (index, name) in (names ?? []).Index())
        {
            if (PlacementSources.Find(name) is null)
            {
                var known = string.Join(", ", PlacementSources.Names);
                errors[$"{path}[{index}]"] = [$"\"{name}\" is no list. One of: {known}."];
            }
            else if (names!.Take(index).Contains(name))
            {
                errors[$"{path}[{index}]"] = [$"\"{name}\" stands here twice."];
            }
        }
    }
}

/// <summary>The names of lists.</summary>
internal static class PlacementSources
{
    // BoughtTogether → bought-together.
    private static readonly string[] _names = [.. Enum.GetValues<ListSource>().Select(source =>
        System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(source.ToString()))];

    private static readonly Dictionary<string, ListSource> _byName =
        Enum.GetValues<ListSource>().ToDictionary(NameOf, StringComparer.Ordinal);

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> Names => _names;

    public static ListSource? Find(string? name) =>
        name is not null && _byName.TryGetValue(name, out var source) ? source : null;

    public static IReadOnlyList<ListSource> Known(IReadOnlyList<string>? names) =>
        [.. (names ?? []).Select(Find).OfType<ListSource>()];

    public static string NameOf(ListSource source) => _names[(int)source];
}
