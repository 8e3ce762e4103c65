using System.Text.Json;
using Ecom.Algorithms.Recommendation;
using Ecom.Algorithms.Recommendation.Tuning;
using Ecom.Training.Runs;

namespace Ecom.Training.Trainers;

/// <summary>
/// The default recommender: every method tuned within a stated budget of work, blended by what they reach.
/// </summary>
/// <remarks>
/// Settings and weights are chosen on the newest share of the training part, once a run; the fit on everything takes
/// them over, and so does a later run that measures this version as champion. The search ends by work foretold, not by
/// the clock: the same data, options and seed give the same blend, unless the run's log says that it was cut short.
/// </remarks>
internal sealed class BlendTrainer : RecommenderTrainer
{
    private const double BrakeAt = 10;

    public override string Name => "blend";

    public override IReadOnlyList<string> Baselines => [PopularityTrainer.TrainerName, ItemKnnTrainer.TrainerName];

    public override TrainerOptions ReadOptions(JsonElement? given) => TrainerOptionsReader.Read<BlendOptions>(given);

    protected override IReadOnlyList<Prediction> Predict(DataShape shape, RecommenderOptions options) =>
        options.Settled?.Blend is { } blend
            ? [new Prediction(Name, RecommenderTuning.Predict(shape, blend))]
            : RecommenderTuning.Predict(shape, ToTuning((BlendOptions)options));

    protected override RecommenderOptions Settle(
        RecommenderData data,
        RecommenderOptions options,
        int threads,
        Action<string> report,
        CancellationToken cancellation)
    {
        var own = (BlendOptions)options;
        var split = ValidationOf(data, own.ValidationShare);
        if (split.IsEmpty)
        {
            throw new TrainingException(
                "Nothing to choose settings on: in the newest part no customer with a history took up a new product. "
                + "Import a longer history, or set validationShare so that the cut lies between events.");
        }

        var weights = LearntWeights.Of(split, own, threads, report, cancellation);
        // On a machine ten times as slow as foretold so late an end is worse than another model.
        var (started, limit) = (TimeProvider.System.GetTimestamp(), BrakeAt * TimeSpan.FromSeconds(own.SearchSeconds));
        var tuned = RecommenderTuning.Tune(
            split.Known.With(weights).ToTrainingSet(),
            split.Wanted,
            split.Excluded,
            ToTuning(own) with
            {
                Threads = threads,
                Brake = () => TimeProvider.System.GetElapsedTime(started) > limit,
            },
            new Reported(report),
            cancellation);
        return own with { Settled = new SettledRecipe { Blend = tuned, EventWeights = weights } };
    }

    protected override IRecommender Fit(
        RecommenderData data, TrainerOptions options, int threads, CancellationToken cancellation)
    {
        var own = (BlendOptions)options;
        var tuned = own.Settled?.Blend
            ?? throw new InvalidOperationException("A blend is settled before it is fitted.");
        return tuned.Fit(data.ToTrainingSet(), threads, own.Seed, cancellation);
    }

    private static TuningOptions ToTuning(BlendOptions options) => new()
    {
        Budget = TimeSpan.FromSeconds(options.SearchSeconds),
        MostBytes = options.MostMegabytes * 1024L * 1024,
        Seed = options.Seed,
    };

    private sealed class Reported(Action<string> report) : IProgress<string>
    {
        public void Report(string value) => report(value);
    }
}
