using System.Text.Json;

namespace Ecom.Training.Runs;

/// <summary>How a training process speaks to its parent: a line of JSON for each report.</summary>
/// <param name="output">Standard output of the process, or a stream of a test.</param>
internal sealed class TrainingProgress(Stream output)
{
    private readonly Lock _gate = new();

    /// <summary>Says how far the run is.</summary>
    /// <param name="share">0 to 1.</param>
    /// <param name="stage">What begins now.</param>
    public void Report(double share, string stage) => Write(new TrainingReport { Progress = share, Stage = stage });

    /// <summary>Says what the models that will be fitted take.</summary>
    public void Foretell(IReadOnlyList<PredictedFit> predictions) =>
        Write(new TrainingReport { Predictions = predictions });

    /// <summary>Says why the run fails.</summary>
    public void Fail(string error) => Write(new TrainingReport { Error = error });

    /// <summary>Ends a run that worked.</summary>
    public void Finish(TrainingResult result) => Write(new TrainingReport { Result = result });

    private void Write(TrainingReport report)
    {
        lock (_gate)
        {
            JsonSerializer.Serialize(output, report, JsonSerializerOptions.Web);
            output.WriteByte((byte)'\n');
            output.Flush();
        }
    }
}
