using System.Globalization;
using Ecom.Algorithms.Numerics;
using Ecom.Algorithms.Recommendation;

namespace Ecom.Training.Runs;

/// <summary>What a fit will take, as told before training starts.</summary>
internal sealed record PredictedFit
{
    /// <summary>Method or trainer.</summary>
    public required string Model { get; init; }

    /// <summary>Processor time on this machine, all cores together; a fit that stops early takes less.</summary>
    public required double Seconds { get; init; }

    /// <summary>Memory at the peak, beside the data.</summary>
    public required long Megabytes { get; init; }
}

/// <summary>Time and memory of what a run will fit, foretold.</summary>
/// <param name="predictions">The models.</param>
/// <param name="dataBytes">Memory that the data take.</param>
internal sealed class Forecast(IReadOnlyList<Prediction> predictions, long dataBytes)
{
    private const double MegabyteBytes = 1_048_576;

    /// <summary>Tells it.</summary>
    /// <param name="memoryLimitMegabytes">Memory that the training process may take.</param>
    /// <param name="progress">Where it is told.</param>
    /// <exception cref="TrainingException">A model will not fit into the memory; says what to do.</exception>
    public void Tell(int memoryLimitMegabytes, TrainingProgress progress)
    {
        var speed = Yardstick.MeasureGigaflops(1) * 1e9;
        var fits = predictions.DistinctBy(one => one.Model).Select(one => new PredictedFit
        {
            Model = one.Model,
            Seconds = Math.Round(one.Cost.TimeAt(speed).TotalSeconds, 2),
            Megabytes = Megabytes(one.Cost.Bytes),
        }).ToList();
        progress.Foretell(fits);
        var data = Megabytes(dataBytes);
        progress.Report(0.3, string.Create(
            CultureInfo.InvariantCulture, $"the data take about {data} of {memoryLimitMegabytes} MiB"));
        foreach (var fit in fits)
        {
            progress.Report(0.3, string.Create(
                CultureInfo.InvariantCulture,
                $"{fit.Model}: about {fit.Seconds:0.#} s of a processor core and {fit.Megabytes} MiB a fit"));
        }

        if (fits.MaxBy(fit => fit.Megabytes) is { } largest && data + largest.Megabytes > memoryLimitMegabytes)
        {
            throw new TrainingException(string.Create(
                CultureInfo.InvariantCulture,
                $"{largest.Model} would take about {largest.Megabytes} MiB beside {data} MiB of data, and a training "
                    + $"process may take {memoryLimitMegabytes}. Raise Training:MemoryLimitMegabytes and the memory of "
                    + $"the container, train on less with historyDays, or make the model smaller by its options."));
        }
    }

    private static long Megabytes(double bytes) => (long)Math.Ceiling(bytes / MegabyteBytes);
}
