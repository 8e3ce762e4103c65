namespace Ecom.Training.Storage;

/// <summary>A row of <c>versions</c> with its aliases; it never changes but for those.</summary>
internal sealed record VersionRow
{
    public required string Model { get; init; }

    public required int Version { get; init; }

    public required string Trainer { get; init; }

    public required Guid RunId { get; init; }

    public required int Seed { get; init; }

    public required string Options { get; init; }

    /// <summary>What the run chose by searching, as JSON; null if there was nothing to choose.</summary>
    public string? Settled { get; init; }

    /// <summary>Name of the metric that decides.</summary>
    public required string Metric { get; init; }

    public required string Metrics { get; init; }

    public required string Baselines { get; init; }

    public int? ChampionVersion { get; init; }

    public string? ChampionMetrics { get; init; }

    public required bool PassedGate { get; init; }

    /// <summary>Why the gate let it pass or not.</summary>
    public required string Verdict { get; init; }

    public required string DataSet { get; init; }

    /// <summary>Path below the artefacts' directory.</summary>
    public required string ArtefactFile { get; init; }

    public required long ArtefactBytes { get; init; }

    public required string ArtefactSha256 { get; init; }

    public required DateTimeOffset TrainedAt { get; init; }

    public required string[] Aliases { get; init; }
}

/// <summary>A row of <c>promotions</c>.</summary>
internal sealed record PromotionRow
{
    public required string Model { get; init; }

    public required int Version { get; init; }

    public int? PreviousVersion { get; init; }

    public required string Kind { get; init; }

    public required string PromotedBy { get; init; }

    public required string Reason { get; init; }

    public required DateTimeOffset PromotedAt { get; init; }
}

/// <summary>A model at a glance.</summary>
internal sealed record ModelRow
{
    public required string Name { get; init; }

    public required int LastVersion { get; init; }

    public int? Champion { get; init; }

    public int? Challenger { get; init; }
}

/// <summary>What became of a wish to change the champion.</summary>
internal enum ChampionChange
{
    Done,
    UnknownVersion,
    AlreadyChampion,
    NeverChampion,
    NoEarlierChampion,
    Damaged,
}
