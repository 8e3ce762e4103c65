using System.Text.Json;
using Ecom.Training.Runs;
using Ecom.Training.Storage;

namespace Ecom.Training.Endpoints;

/// <summary>A model with its history.</summary>
internal sealed record ModelResponse
{
    public required string Name { get; init; }

    public required int LastVersion { get; init; }

    public int? Champion { get; init; }

    public int? Challenger { get; init; }

    /// <summary>Who promoted or rolled back what and why, newest first.</summary>
    public required IReadOnlyList<PromotionRow> Promotions { get; init; }

    /// <summary>Live quality as measured by the deciding services, newest first.</summary>
    public required IReadOnlyList<OutcomesResponse> Outcomes { get; init; }
}

/// <summary>Live quality of a version over a window.</summary>
internal sealed record OutcomesResponse
{
    public required int Version { get; init; }

    public required DateTimeOffset From { get; init; }

    public required DateTimeOffset To { get; init; }

    public required int SampleSize { get; init; }

    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    public static OutcomesResponse Of(OutcomesRow row) => new()
    {
        Version = row.Version,
        From = row.FromAt,
        To = row.ToAt,
        SampleSize = row.SampleSize,
        Metrics = JsonSerializer.Deserialize<Dictionary<string, double>>(row.Metrics)!,
    };
}

/// <summary>A version of a model.</summary>
internal sealed record VersionResponse
{
    public required string Model { get; init; }

    public required int Version { get; init; }

    public required string Trainer { get; init; }

    public required Guid RunId { get; init; }

    public required int Seed { get; init; }

    public required JsonElement Options { get; init; }

    /// <summary>What the run chose by searching; null if there was nothing to choose.</summary>
    public JsonElement? Settled { get; init; }

    /// <summary>Metric that decided.</summary>
    public required string Metric { get; init; }

    /// <summary>Measured on held-out data.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>The same of each baseline, in the same run.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Baselines { get; init; }

    /// <summary>The champion at that time.</summary>
    public int? ChampionVersion { get; init; }

    /// <summary>The same of that champion's recipe, in the same run.</summary>
    public IReadOnlyDictionary<string, double>? ChampionMetrics { get; init; }

    public required bool PassedGate { get; init; }

    /// <summary>Why it passed or not.</summary>
    public required string Verdict { get; init; }

    public required DataSet DataSet { get; init; }

    public required string ArtefactPath { get; init; }

    public required long ArtefactBytes { get; init; }

    public required string ArtefactSha256 { get; init; }

    public required DateTimeOffset TrainedAt { get; init; }

    /// <summary>champion, challenger, or none.</summary>
    public required IReadOnlyList<string> Aliases { get; init; }

    public static VersionResponse Of(VersionRow row) => new()
    {
        Model = row.Model,
        Version = row.Version,
        Trainer = row.Trainer,
        RunId = row.RunId,
        Seed = row.Seed,
        Options = JsonSerializer.Deserialize<JsonElement>(row.Options),
        Settled = row.Settled is null ? null : JsonSerializer.Deserialize<JsonElement>(row.Settled),
        Metric = row.Metric,
        Metrics = Read<Dictionary<string, double>>(row.Metrics),
        Baselines = Read<Dictionary<string, IReadOnlyDictionary<string, double>>>(row.Baselines),
        ChampionVersion = row.ChampionVersion,
        ChampionMetrics = row.ChampionMetrics is null ? null : Read<Dictionary<string, double>>(row.ChampionMetrics),
        PassedGate = row.PassedGate,
        Verdict = row.Verdict,
        DataSet = Read<DataSet>(row.DataSet),
        ArtefactPath = Champions.ArtefactPath(row.Model, row.Version),
        ArtefactBytes = row.ArtefactBytes,
        ArtefactSha256 = row.ArtefactSha256,
        TrainedAt = row.TrainedAt,
        Aliases = row.Aliases,
    };

    private static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, JsonSerializerOptions.Web)!;
}
