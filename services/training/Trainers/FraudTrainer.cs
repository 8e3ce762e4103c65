using System.Globalization;
using System.Text.Json;
using Ecom.Algorithms.Fraud;
using Ecom.Algorithms.Recommendation;
using Ecom.Training.Data;
using Ecom.Training.Runs;

namespace Ecom.Training.Trainers;

/// <summary>Trainers of model "fraud": split by time, labels only as they had arrived, refit on what is known now.
/// </summary>
/// <remarks>
/// The artefact is a <see cref="FraudModel"/>: probability with reasons, and how odd a payment is. A baseline that is
/// another trainer learns from the same days and labels, by its own defaults.
/// </remarks>
internal abstract class FraudTrainer : Trainer
{
    protected const string Rules = "rules";

    public override string Model => "fraud";

    public override string Metric => FraudJudge.AveragePrecision;

    public override DataFeed Feed => DataFeed.Payments;

    /// <summary>How the margins are fitted.</summary>
    /// <param name="options">This trainer's options.</param>
    protected abstract FraudRecipe RecipeOf(FraudOptions options);

    public override async Task<TrainingResult> TrainAsync(
        TrainingTask task,
        DataSource source,
        Stream artefact,
        TrainingProgress progress,
        CancellationToken cancellation)
    {
        var options = (FraudOptions)ReadOptions(task.Options);
        progress.Report(0, "reading payments");
        var history = await PaymentHistory.ReadAsync(
            source.ReadAsync<PaymentLine>(cancellation),
            Feed.Path,
            options.HistoryDays,
            read => progress.Report(0, $"{read} payments read"),
            cancellation);
        var maturity = options.LabelMaturityDays is { } days ? TimeSpan.FromDays(days) : history.LabelMaturity;
        var run = new Run
        {
            Task = task,
            History = history,
            Maturity = maturity,
            Test = new FraudTest(history, maturity, options),
            Options = options,
            Progress = progress,
            Cancellation = cancellation,
        };
        Foretell(run);

        var own = Measure(run, this, options, 0.3);
        var baselines = Baselines.ToDictionary(
            name => name, IReadOnlyDictionary<string, double> (name) => MeasureBaseline(run, name));
        var champion = task.Champion is { } recipe ? MeasureChampion(run, recipe, own) : null;

        progress.Report(0.8, $"fitting {Name} on what is known of {history.All.Count} payments");
        var recipeNow = Complete(RecipeOf(options), options, run) with { Unlabelled = history.Unlabelled };
        var final = Fit(run, recipeNow, Name, history.All, history.NowMs, 0.8);
        progress.Report(0.95, "writing the artefact");
        final.Write(artefact);
        return new TrainingResult
        {
            Metrics = own,
            Baselines = baselines,
            Champion = champion,
            DataSet = history.DataSet with { Cut = run.Test.Cut },
        };
    }

    private static FraudTrainer Other(string trainer) =>
        TrainerCatalogue.Find(trainer) as FraudTrainer
            ?? throw new TrainingException($"No fraud model is trained by '{trainer}' any more: promote another "
                + "version by hand, then start the run again.");

    private void Foretell(Run run)
    {
        var (rows, width) = (run.History.All.Count, run.History.Names.Count);
        var predictions = Baselines.Where(name => name != Rules).Select(name => PredictionOf(Other(name), null))
            .Concat(run.Task.Champion is { } champion && champion.Trainer != Name
                ? [PredictionOf(Other(champion.Trainer), champion.Options)] : [])
            .Append(PredictionOf(this, run.Task.Options))
            .ToList();
        // Each vector is there twice: as it is, and among those that were known when the test part began.
        new Forecast(predictions, 2L * rows * width * sizeof(float))
            .Tell(run.Task.MemoryLimitMegabytes, run.Progress);

        Prediction PredictionOf(FraudTrainer trainer, JsonElement? given) => new(
            trainer.Name, trainer.RecipeOf((FraudOptions)trainer.ReadOptions(given)).CostOf(rows, width));
    }

    private static IReadOnlyDictionary<string, double> MeasureBaseline(Run run, string name)
    {
        if (name == Rules)
        {
            return run.Test.Judge.Ranking(run.Test.RuleScores);
        }

        var other = Other(name);
        var options = (FraudOptions)other.ReadOptions(null) with
        {
            Seed = run.Options.Seed,
            CalibrationDays = run.Options.CalibrationDays,
        };
        return Measure(run, other, options, 0.5);
    }

    private Dictionary<string, double> MeasureChampion(
        Run run, ChampionRecipe champion, Dictionary<string, double> own)
    {
        var other = Other(champion.Trainer);
        var options = (FraudOptions)other.ReadOptions(champion.Options);
        if (champion.Trainer == Name && options == run.Options)
        {
            return own;
        }

        run.Progress.Report(0.6, $"measuring champion {champion.Version}, {champion.Trainer}");
        return Measure(run, other, options, 0.6);
    }

    private static Dictionary<string, double> Measure(Run run, FraudTrainer trainer, FraudOptions options, double share)
    {
        var test = run.Test;
        run.Progress.Report(share, string.Create(
            CultureInfo.InvariantCulture, $"fitting {trainer.Name} as of {test.Cut:yyyy-MM-dd}"));
        var recipe = Complete(trainer.RecipeOf(options), options, run);
        var model = Fit(run, recipe, trainer.Name, test.Known, test.CutMs, share);
        var metrics = test.Judge.Probabilities(test.Score(model));
        foreach (var (name, count) in test.Counts)
        {
            metrics[name] = count;
        }

        return metrics;
    }

    // What the run looks at is the run's; how is the recipe's own.
    private static FraudRecipe Complete(FraudRecipe recipe, FraudOptions options, Run run) => recipe with
    {
        LabelMaturity = run.Maturity,
        CalibrationDays = options.CalibrationDays,
        LeastFrauds = run.Options.MinimumFrauds,
        Seed = options.Seed,
        Threads = run.Task.Threads,
    };

    private static FraudModel Fit(
        Run run, FraudRecipe recipe, string name, FraudTable table, long asOfMs, double share)
    {
        try
        {
            return recipe.Fit(
                table, asOfMs, stage => run.Progress.Report(share, $"{name}: {stage}"), run.Cancellation);
        }
        catch (FraudDataException few)
        {
            throw new TrainingException(string.Create(
                CultureInfo.InvariantCulture,
                $"Too little was known for {name} on {DateTimeOffset.FromUnixTimeMilliseconds(asOfMs):yyyy-MM-dd}: "
                    + $"{few.Message} Import a longer history or wait for disputes, set calibrationDays higher or "
                    + $"minimumFrauds lower."));
        }
    }

    private sealed record Run
    {
        public required TrainingTask Task { get; init; }

        public required PaymentHistory History { get; init; }

        public required TimeSpan Maturity { get; init; }

        public required FraudTest Test { get; init; }

        public required FraudOptions Options { get; init; }

        public required TrainingProgress Progress { get; init; }

        public required CancellationToken Cancellation { get; init; }
    }
}
