using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Ecom.Training.Data;
using Ecom.Training.Runs;

namespace Ecom.Training.Trainers;

/// <summary>A way to make versions of a model: its options, data, metric to win by, and baselines to beat.</summary>
internal abstract class Trainer
{
    /// <summary>Unique name, for example "als".</summary>
    public abstract string Name { get; }

    /// <summary>The model that it makes versions of, for example "recommendation".</summary>
    public abstract string Model { get; }

    /// <summary>Name of the metric that decides; more is better.</summary>
    public abstract string Metric { get; }

    /// <summary>Where its data come from.</summary>
    public abstract DataFeed Feed { get; }

    /// <summary>What it must be no worse than, measured in the same run.</summary>
    public abstract IReadOnlyList<string> Baselines { get; }

    /// <summary>The options given, completed by defaults and checked.</summary>
    /// <param name="given">A JSON object; null for the defaults.</param>
    /// <exception cref="TrainerOptionsException">An option is unknown or out of range.</exception>
    public abstract TrainerOptions ReadOptions(JsonElement? given);

    /// <summary>
    /// Reads the data, fits on the training part, measures itself, its baselines and the champion's recipe on the test
    /// part, then fits on everything and writes the artefact. Same data and options, same bytes.
    /// </summary>
    /// <exception cref="TrainingException">The data do not allow it.</exception>
    public abstract Task<TrainingResult> TrainAsync(
        TrainingTask task,
        DataSource source,
        Stream artefact,
        TrainingProgress progress,
        CancellationToken cancellation);
}

/// <summary>What the options of all trainers share. Each has a default, so that none need be given.</summary>
internal abstract record TrainerOptions
{
    /// <summary>Seed of everything random. Default 1.</summary>
    [Range(0, int.MaxValue)]
    public int Seed { get; init; } = 1;

    /// <summary>Only so many days before the newest row are used; null for all. Default null.</summary>
    [Range(1, 36_500)]
    public int? HistoryDays { get; init; }

    /// <summary>As stored with a run: every option with its value.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, GetType(), JsonSerializerOptions.Web);
}
