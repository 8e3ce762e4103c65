using System.Text.Json;
using Ecom.Training.Data;
using Ecom.Training.Trainers;

namespace Ecom.Training.Runs;

/// <summary>What a training process is told: one line of JSON on its standard input.</summary>
internal sealed record TrainingTask
{
    public required Guid RunId { get; init; }

    /// <summary>Name of the trainer.</summary>
    public required string Trainer { get; init; }

    /// <summary>The trainer's options, complete.</summary>
    public required JsonElement Options { get; init; }

    /// <summary>How the present champion was made; null if there is none.</summary>
    public ChampionRecipe? Champion { get; init; }

    /// <summary>The catalogue, by product id; empty if none is known, or the trainer needs none.</summary>
    public IReadOnlyList<CatalogueProduct> Catalogue { get; init; } = [];

    /// <summary>Memory that the process may take, in MiB.</summary>
    public required int MemoryLimitMegabytes { get; init; }

    /// <summary>Threads to use.</summary>
    public required int Threads { get; init; }

    /// <summary>File to write the artefact to.</summary>
    public required string ArtefactFile { get; init; }
}

/// <summary>How the champion was made: with the same data it gives the same model.</summary>
internal sealed record ChampionRecipe
{
    /// <summary>Version made by it.</summary>
    public required int Version { get; init; }

    public required string Trainer { get; init; }

    public required JsonElement Options { get; init; }

    /// <summary>What its run chose by searching; null if there was nothing to choose.</summary>
    public SettledRecipe? Settled { get; init; }
}

/// <summary>One line of JSON on the standard output of a training process; one of the members is set.</summary>
internal sealed record TrainingReport
{
    /// <summary>Share done, 0 to 1, with <see cref="Stage"/>.</summary>
    public double? Progress { get; init; }

    /// <summary>What is being done.</summary>
    public string? Stage { get; init; }

    /// <summary>What the models that will be fitted take, foretold.</summary>
    public IReadOnlyList<PredictedFit>? Predictions { get; init; }

    /// <summary>Why the run fails, and what to do.</summary>
    public string? Error { get; init; }

    /// <summary>The end of a run that worked.</summary>
    public TrainingResult? Result { get; init; }
}

/// <summary>What a training process measured. The artefact lies in the file that it was told.</summary>
internal sealed record TrainingResult
{
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>Metrics of each baseline on the same split, by trainer name.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Baselines { get; init; }

    /// <summary>Metrics of the champion's recipe on the same split; null without champion.</summary>
    public IReadOnlyDictionary<string, double>? Champion { get; init; }

    public required DataSet DataSet { get; init; }

    /// <summary>What was chosen by searching; null if there was nothing to choose.</summary>
    public SettledRecipe? Settled { get; init; }
}

/// <summary>The data that a run used.</summary>
internal sealed record DataSet
{
    /// <summary>Path it was read from.</summary>
    public required string Source { get; init; }

    public required long Rows { get; init; }

    /// <summary>SHA-256 of the rows in canonical order: equal data, equal checksum.</summary>
    public required string Checksum { get; init; }

    /// <summary>Time of the first row.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Time of the last row.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>Where the test part begins; null if the split is not by time.</summary>
    public DateTimeOffset? Cut { get; init; }
}
