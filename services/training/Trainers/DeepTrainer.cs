using System.Globalization;
using Ecom.Algorithms.Deep;
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
        FeatureStore featureStore,
        Stream artefact,
        TrainingProgress progress,
        CancellationToken cancellation)
    {
        // Before hours of data are read.
        LoadTorch();
        return base.TrainAsync(task, featureStore, artefact, progress, cancellation);
    }

    /// <summary>
    /// Loads libtorch, to compute on one thread: with more the same seed would not give the same bytes.
    /// </summary>
    /// <exception cref="TrainingException">It cannot be loaded.</exception>
    protected static void LoadTorch()
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

    /// <summary>Says what a fit will take at most.</summary>
    protected static void Announce(TrainingCost cost, RecommenderData data)
    {
        TrainingCost.Multiply();
        var start = TimeProvider.System.GetTimestamp();
        var operations = TrainingCost.Multiply();
        var time = cost.TimeAt(operations / TimeProvider.System.GetElapsedTime(start).TotalSeconds);
        data.OnStage?.Invoke(string.Create(
            CultureInfo.InvariantCulture,
            $"this fit takes up to about {time.TotalMinutes:0.#} minutes and {(cost.Bytes >> 20) + 250} MiB"));
    }
}
