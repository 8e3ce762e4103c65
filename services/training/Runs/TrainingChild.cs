using System.Diagnostics;
using System.Text.Json;
using Ecom.Training.Data;
using Ecom.Training.Trainers;

namespace Ecom.Training.Runs;

/// <summary>
/// The training process: no bus, no web server, no database. It reads its task from standard input, its data from the
/// service that has them, and leaves an artefact and a result.
/// </summary>
internal static class TrainingChild
{
    public const string KeyVariable = "Keys__Own";

    /// <summary>Exit code of a run that cannot succeed; the reason is the last line of standard output.</summary>
    private const int Failed = 1;

    public static async Task<int> RunAsync()
    {
        var progress = new TrainingProgress(Console.OpenStandardOutput());
        using var input = new StreamReader(Console.OpenStandardInput());
        var line = await input.ReadLineAsync();
        if (line is null || JsonSerializer.Deserialize<TrainingTask>(line, JsonSerializerOptions.Web) is not { } task)
        {
            progress.Fail("Standard input holds no task: this command is for the training service itself.");
            return Failed;
        }

        _ = Task.Run(() => EndWithParentAsync(input));
        using var self = Process.GetCurrentProcess();
        // Requests go before training on a machine that both share.
        self.PriorityClass = ProcessPriorityClass.BelowNormal;
        try
        {
            progress.Finish(await TrainAsync(task, progress));
            return 0;
        }
        catch (Exception error) when (error is TrainingException or TrainerOptionsException)
        {
            progress.Fail(error.Message);
        }
        catch (OutOfMemoryException)
        {
            progress.Fail("The training process ran out of memory. Raise Training:MemoryLimitMegabytes, or train on "
                + "less with historyDays.");
        }
        catch (IOException error)
        {
            progress.Fail($"The artefact could not be written: {error.Message} See that the disk has room.");
        }

        return Failed;
    }

    private static async Task<TrainingResult> TrainAsync(TrainingTask task, TrainingProgress progress)
    {
        var trainer = TrainerCatalogue.Find(task.Trainer)
            ?? throw new TrainingException($"There is no trainer '{task.Trainer}'. Known: {TrainerCatalogue.Names}.");
        var feed = trainer.Feed;
        var address = Environment.GetEnvironmentVariable(DataFeed.VariableOf(feed.Service))
            ?? throw new TrainingException($"Services:{feed.Service}, the address of the {feed.ServiceTitle}, is not "
                + "configured. Set it and start again.");
        using var http = new HttpClient
        {
            BaseAddress = new Uri(address.TrimEnd('/') + "/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        http.DefaultRequestHeaders.Add("X-Api-Key", Environment.GetEnvironmentVariable(KeyVariable));
        await using var artefact = File.Create(task.ArtefactFile);
        var result = await trainer.TrainAsync(
            task, new DataSource(http, feed), artefact, progress, CancellationToken.None);
        // The version is registered only when its bytes are on the disk.
        artefact.Flush(flushToDisk: true);
        return result;
    }

    // Standard input ends when the parent dies, however it dies. Another replica takes the run over then; what this
    // process would still find out, nobody would hear.
    private static async Task EndWithParentAsync(StreamReader input)
    {
        while (await input.ReadLineAsync() is not null)
        {
        }

        using var self = Process.GetCurrentProcess();
        self.Kill();
    }
}
