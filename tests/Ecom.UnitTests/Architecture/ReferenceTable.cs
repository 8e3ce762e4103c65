namespace Ecom.UnitTests.Architecture;

/// <summary>Which project may reference which; docs/architecture.md shows the same table.</summary>
internal static class ReferenceTable
{
    private static readonly string[] _services =
    [
        "Ecom.Ingestion", "Ecom.FeatureStore", "Ecom.Training", "Ecom.Recommendation", "Ecom.Forecasting",
        "Ecom.Profiling", "Ecom.Fraud", "Ecom.Console",
    ];

    // What a service may use; Algorithms.Deep, with its native files, is for training alone.
    private static readonly string[] _ofServices =
    [
        "Ecom.Contracts", "Ecom.Features", "Ecom.Algorithms", "Ecom.Rules", "Ecom.ServiceDefaults", "Ecom.Client",
    ];

    private static readonly Dictionary<string, string[]> _allowed = new()
    {
        ["Ecom.Contracts"] = [],
        ["Ecom.Features"] = ["Ecom.Contracts", "Ecom.Algorithms"],
        ["Ecom.Algorithms"] = [],
        ["Ecom.Algorithms.Deep"] = ["Ecom.Algorithms"],
        ["Ecom.Rules"] = [],
        ["Ecom.ServiceDefaults"] = [],
        ["Ecom.Client"] = [],
        ["Ecom.Simulator"] = ["Ecom.Client"],
        ["Ecom.Cli"] =
        [
            "Ecom.Client", "Ecom.Simulator", "Ecom.Algorithms", "Ecom.Features", "Ecom.Rules", "Ecom.Contracts",
        ],
    };

    public static IReadOnlyList<string> Services => _services;

    /// <summary>Null if the reference is allowed, else what to do about it.</summary>
    public static string? Forbidden(string from, string to)
    {
        if (from == to || !IsKnown(to))
        {
            return null;
        }

        if (_services.Contains(from))
        {
            return _services.Contains(to) ? $"{from} may not use {to}: services talk by messages and HTTP."
                : _ofServices.Contains(to) || (from, to) is ("Ecom.Training", "Ecom.Algorithms.Deep") ? null
                : $"{from} may not use {to}.";
        }

        return !_allowed.TryGetValue(from, out var allowed) ? $"{from} is a new project: give it a row in the table."
            : allowed.Contains(to) ? null
            : $"{from} may not use {to}.";
    }

    /// <summary>Project that a type belongs to by its name, since namespaces begin with the project's name.</summary>
    public static string? ProjectOf(string type) =>
        _services.Concat(_allowed.Keys)
            .Where(project => type.StartsWith(project + ".", StringComparison.Ordinal))
            .MaxBy(project => project.Length);

    private static bool IsKnown(string project) => _services.Contains(project) || _allowed.ContainsKey(project);
}
