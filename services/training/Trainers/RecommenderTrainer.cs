using System.Text.Json;
using Ecom.Algorithms.Evaluation;
using Ecom.Algorithms.Recommendation;
using Ecom.Training.Data;
using Ecom.Training.Runs;

namespace Ecom.Training.Trainers;

/// <summary>Trainers of model "recommendation": split by time, full ranking, refit on everything.</summary>
/// <remarks>
/// The test part is the newest share of the interactions. Each customer with a history is offered all products but
/// those that were bought; relevant is what was bought new in the test part, see <see cref="DataSplit"/>. The interval
/// is a bootstrap over customers.
/// </remarks>
internal abstract class RecommenderTrainer : Trainer
{
    private const int Places = 10;
    private const int Resamples = 1_000;
    private const double Level = 0.95;

    // Lists, sorted copies, sets of pairs and matrices of both parts: an estimate, not measured.
    private const long BytesOfEvent = 300;

    public override string Model => "recommendation";

    public override string Metric => "ndcg@10";

    public override DataFeed Feed => DataFeed.Interactions;

    public override IReadOnlyList<string> Baselines => [PopularityTrainer.TrainerName];

    /// <summary>What will be fitted takes, foretold; this trainer's own model last.</summary>
    /// <param name="shape">The training part.</param>
    /// <param name="options">This trainer's options, with what was settled if that is known.</param>
    protected abstract IReadOnlyList<Prediction> Predict(DataShape shape, RecommenderOptions options);

    /// <summary>Fits the model.</summary>
    /// <param name="data">What it may know.</param>
    /// <param name="options">This trainer's options.</param>
    /// <param name="threads">Threads to use; they do not change the result.</param>
    /// <param name="cancellation">Stops the fit.</param>
    protected abstract IRecommender Fit(
        RecommenderData data, TrainerOptions options, int threads, CancellationToken cancellation);

    /// <summary>Settles on the training part what the options leave open, so that a later fit does not choose anew.
    /// </summary>
    /// <param name="data">The training part.</param>
    /// <param name="options">This trainer's options.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="report">Told of each step.</param>
    /// <param name="cancellation">Stops the search.</param>
    protected virtual RecommenderOptions Settle(
        RecommenderData data,
        RecommenderOptions options,
        int threads,
        Action<string> report,
        CancellationToken cancellation) => options;

    /// <summary>Cuts off the newest share of the training part to choose on.</summary>
    protected static DataSplit ValidationOf(RecommenderData data, double share) =>
        DataSplit.At(data, data.Events[(int)(data.Events.Count * (1 - share))].At);

    public override async Task<TrainingResult> TrainAsync(
        TrainingTask task,
        DataSource source,
        Stream artefact,
        TrainingProgress progress,
        CancellationToken cancellation)
    {
        var options = (RecommenderOptions)ReadOptions(task.Options);
        progress.Report(0, "reading interactions");
        var lines = source.ReadAsync<InteractionLine>(cancellation);
        var history = await InteractionHistory.ReadAsync(
            lines, Feed.Path, options.HistoryDays, task.Catalogue, cancellation);
        var test = TestOf(history, options, task.Threads, stage => progress.Report(0.3, stage));

        Foretell(task, options, test.Split.Known.Matrix, history, progress);

        progress.Report(0.3, $"fitting {Name} on {test.Split.Known.Matrix.Count} pairs");
        var settled = Settle(
            test.Split.Known, options, task.Threads, text => progress.Report(0.3, text), cancellation);
        var own = Measure(this, settled, test, cancellation);
        progress.Report(0.5, "measuring baselines");
        var baselines = Baselines.ToDictionary(
            name => name,
            IReadOnlyDictionary<string, double> (name) =>
                name == Name ? own : MeasureRecipe(name, given: null, settled: null, test, cancellation));
        var champion = own;
        if (task.Champion is { } recipe
            && (recipe.Settled is not null || recipe.Trainer != Name || ReadOptions(recipe.Options) != options))
        {
            progress.Report(0.6, $"measuring champion {recipe.Version}, {recipe.Trainer}");
            champion = MeasureRecipe(recipe.Trainer, recipe.Options, recipe.Settled, test, cancellation);
        }

        progress.Report(0.8, $"fitting {Name} on all {history.Events.Count} interactions");
        var all = RecommenderData.Of(history) with { OnStage = stage => progress.Report(0.8, stage) };
        var final = Fit(
            all.With(settled.Settled?.EventWeights),
            settled,
            task.Threads,
            cancellation);
        progress.Report(0.95, "writing the artefact");
        final.Write(artefact);
        return new TrainingResult
        {
            Metrics = own,
            Baselines = baselines,
            Champion = task.Champion is null ? null : champion,
            DataSet = history.DataSet with { Cut = test.Cut },
            Settled = settled.Settled,
        };
    }

    // Everything is fitted one after the other, so the largest decides whether there is room.
    private void Foretell(
        TrainingTask task,
        RecommenderOptions options,
        Interactions known,
        InteractionHistory history,
        TrainingProgress progress)
    {
        var shape = DataShape.Of(known);
        var predictions = Predict(shape, options)
            .Concat(Baselines.Where(name => name != Name)
                .SelectMany(name => Other(name).Predict(shape, (RecommenderOptions)Other(name).ReadOptions(null))))
            .ToList();
        if (task.Champion is { } champion && champion.Trainer != Name)
        {
            var other = Other(champion.Trainer);
            var theirs = (RecommenderOptions)other.ReadOptions(champion.Options) with { Settled = champion.Settled };
            predictions.AddRange(other.Predict(shape, theirs));
        }

        new Forecast(predictions, history.Events.Count * BytesOfEvent).Tell(task.MemoryLimitMegabytes, progress);
    }

    private static RecommenderTrainer Other(string trainer) =>
        TrainerCatalogue.Find(trainer) as RecommenderTrainer
            ?? throw new TrainingException($"No recommender is trained by '{trainer}' any more: promote another "
                + "version by hand, then start the run again.");

    private static Dictionary<string, double> MeasureRecipe(
        string trainer, JsonElement? given, SettledRecipe? settled, HeldOut test, CancellationToken cancellation)
    {
        var other = Other(trainer);
        var options = (RecommenderOptions)other.ReadOptions(given) with { Settled = settled };
        return Measure(
            other,
            // A version from before settled recipes were kept has none: search as it did.
            settled is null ? other.Settle(test.Split.Known, options, test.Threads, _ => { }, cancellation) : options,
            test,
            cancellation);
    }

    private static Dictionary<string, double> Measure(
        RecommenderTrainer trainer, RecommenderOptions options, HeldOut test, CancellationToken cancellation)
    {
        var (split, known) = (test.Split, test.Split.Known.With(options.Settled?.EventWeights));
        var model = trainer.Fit(known, options, test.Threads, cancellation);
        var report = RankingEvaluation.Evaluate(
            model, known.ToTrainingSet(), split.Wanted, Places, test.Threads, split.Excluded, cancellation);
        var interval = Bootstrap.OfMean(report.NdcgByUser, Level, Resamples, test.Seed);
        return new Dictionary<string, double>
        {
            ["ndcg@10"] = report.Ndcg,
            ["ndcg@10.low"] = interval.Low,
            ["ndcg@10.high"] = interval.High,
            ["hitRate@10"] = report.HitRate,
            ["recall@10"] = report.Recall,
            ["coverage@10"] = report.Coverage,
            ["customers"] = report.Users.Length,
        };
    }

    private static HeldOut TestOf(
        InteractionHistory history, RecommenderOptions options, int threads, Action<string> onStage)
    {
        var count = history.Events.Count;
        if (count < options.MinimumInteractions)
        {
            throw new TrainingException(
                $"Only {count} interactions, at least {options.MinimumInteractions} are needed. Import a history or "
                + "wait for more events, or lower minimumInteractions.");
        }

        var cut = history.Events[(int)(count * (1 - options.TestShare))].At;
        var split = DataSplit.At(RecommenderData.Of(history) with { OnStage = onStage }, cut);
        if (split.IsEmpty)
        {
            throw new TrainingException(
                $"Nothing to measure on: since {cut:u} no customer with a history took up a new product. Import a "
                + "longer history, or set testShare so that the cut lies between events.");
        }

        return new HeldOut { Split = split, Cut = cut, Seed = options.Seed, Threads = threads };
    }

    /// <summary>What every candidate of a run is measured on.</summary>
    private sealed record HeldOut
    {
        public required DataSplit Split { get; init; }

        public required DateTimeOffset Cut { get; init; }

        public required int Seed { get; init; }

        public required int Threads { get; init; }
    }
}
