namespace Ecom.Contracts.Models;

/// <summary>
/// Asks training for a new version of a model. Consumed by training only; a run is recorded, then done as a job.
/// </summary>
public sealed record TrainModel
{
    /// <summary>Id of the run that this request becomes; the same id starts nothing twice.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Name of the trainer, for example "als".</summary>
    public required string Trainer { get; init; }

    /// <summary>Why: "schedule", "drift", "volume", "manual".</summary>
    public required string Reason { get; init; }

    /// <summary>When it was asked, UTC.</summary>
    public required DateTimeOffset RequestedAt { get; init; }
}

/// <summary>A run ended with a registered version. Published by training.</summary>
public sealed record ModelTrained
{
    /// <summary>Model name, for example "recommendation".</summary>
    public required string Model { get; init; }

    /// <summary>Version, from 1, unique within the model.</summary>
    public required int Version { get; init; }

    /// <summary>Trainer that made it, for example "als".</summary>
    public required string Trainer { get; init; }

    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Whether it passed its gate: better than champion and baselines.</summary>
    public required bool PassedGate { get; init; }

    /// <summary>Metric name to value, measured on held-out data.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>When training ended, UTC.</summary>
    public required DateTimeOffset TrainedAt { get; init; }
}

/// <summary>A version became champion. Deciding services load it. Published by training.</summary>
public sealed record ModelPromoted
{
    /// <summary>Model name.</summary>
    public required string Model { get; init; }

    /// <summary>The version that is champion now.</summary>
    public required int Version { get; init; }

    /// <summary>The champion before; null if there was none.</summary>
    public int? PreviousVersion { get; init; }

    /// <summary>Trainer that made it.</summary>
    public required string Trainer { get; init; }

    /// <summary>
    /// Path of the artefact under training's address, for example "/v1/models/recommendation/versions/3/artefact".
    /// </summary>
    public required string ArtefactPath { get; init; }

    /// <summary>SHA-256 of the artefact, lower-case hex; checked before the artefact is loaded.</summary>
    public required string ArtefactSha256 { get; init; }

    /// <summary>
    /// What an event counts in a history that the model scores, by kind: "view" (page or click), "favourite", "cart",
    /// "purchase", "review"; a purchase counts 1. A kind that is missing was not learnt: it counts 0. Null when all
    /// kinds count 1, as in models whose trainer learns no weights.
    /// </summary>
    public IReadOnlyDictionary<string, double>? EventWeights { get; init; }

    /// <summary>Who or what promoted: "gate" or a key's client name.</summary>
    public required string PromotedBy { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset PromotedAt { get; init; }
}

/// <summary>
/// The champion was replaced by an earlier version. A <see cref="ModelPromoted"/> of that version goes with it.
/// </summary>
public sealed record ModelRolledBack
{
    /// <summary>Model name.</summary>
    public required string Model { get; init; }

    /// <summary>The version that was champion.</summary>
    public required int FromVersion { get; init; }

    /// <summary>The version that is champion again.</summary>
    public required int ToVersion { get; init; }

    /// <summary>Why, as stated by who asked.</summary>
    public required string Reason { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset RolledBackAt { get; init; }
}

/// <summary>A champion does worse on live outcomes than it promised. Published by training.</summary>
public sealed record ModelQualityDegraded
{
    /// <summary>Model name.</summary>
    public required string Model { get; init; }

    /// <summary>Version measured.</summary>
    public required int Version { get; init; }

    /// <summary>Metric name.</summary>
    public required string Metric { get; init; }

    /// <summary>What was measured.</summary>
    public required double Value { get; init; }

    /// <summary>What was expected at least.</summary>
    public required double Expected { get; init; }

    /// <summary>When it was found, UTC.</summary>
    public required DateTimeOffset DetectedAt { get; init; }
}

/// <summary>
/// Live quality of a model version, measured by the service that decides with it. Consumed by training.
/// </summary>
public sealed record ModelOutcomesMeasured
{
    /// <summary>Model name.</summary>
    public required string Model { get; init; }

    /// <summary>Version measured.</summary>
    public required int Version { get; init; }

    /// <summary>Metric name to value, for example "clickThroughRate".</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>Outcomes that the metrics rest on.</summary>
    public required int SampleSize { get; init; }

    /// <summary>Start of the window, UTC.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>End of the window, UTC.</summary>
    public required DateTimeOffset To { get; init; }
}
