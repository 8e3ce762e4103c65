using Ecom.Algorithms.Deep;
using Ecom.Algorithms.Recommendation;
using Ecom.Training.Data;
using Ecom.Training.Runs;

namespace Ecom.Training.Trainers;

/// <summary>Trainers that need libtorch; they say at once when this machine cannot load it.</summary>
internal abstract class DeepTrainer : RecommenderTrainer
{
    /// <summary>Name of <see cref="TrainingOptions.TorchPath"/> in the training process.</summary>
    public const string TorchPathVariable = "Training__TorchPath";

    public override Task<TrainingResult> TrainAsync(
        TrainingTask task,
        DataSource source,
        Stream artefact,
        TrainingProgress progress,
        CancellationToken cancellation)
    {
        // Before hours of data are read.
        LoadTorch();
        return base.TrainAsync(task, source, artefact, progress, cancellation);
    }

    protected sealed override IReadOnlyList<Prediction> Predict(DataShape shape, RecommenderOptions options) =>
        [new Prediction(Name, CostOf(shape, options))];

    protected sealed override IRecommender Fit(
        RecommenderData data, TrainerOptions options, int threads, CancellationToken cancellation)
    {
        // As champion or baseline of another trainer's run it is the first to need it.
        LoadTorch();
        return Fit(data, options, (_, stage) => data.OnStage?.Invoke(stage), cancellation);
    }

    /// <summary>What a fit takes at most.</summary>
    protected abstract TrainingCost CostOf(DataShape shape, RecommenderOptions options);

    /// <summary>Fits the network.</summary>
    /// <param name="data">What it may know.</param>
    /// <param name="options">This trainer's options.</param>
    /// <param name="onEpoch">Told share done and stage.</param>
    /// <param name="cancellation">Stops the fit.</param>
    protected abstract IRecommender Fit(
        RecommenderData data, TrainerOptions options, Action<double, string> onEpoch, CancellationToken cancellation);

    // To compute on one thread: with more the same seed would not give the same bytes.
    private static void LoadTorch()
    {
        try
        {
            var path = Environment.GetEnvironmentVariable(TorchPathVariable);
            TorchRuntime.Load(string.IsNullOrEmpty(path) ? null : path, threads: 1);
        }
        catch (TorchUnavailableException unavailable)
        {
            throw new TrainingException(unavailable.Message);
        }
    }
}
