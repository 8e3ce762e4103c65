using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Ecom.Training.Registry;
using Ecom.Training.Runs;
using Ecom.Training.Storage;
using Ecom.Training.Trainers;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Ecom.Training.Jobs;

/// <summary>Takes one claimed run to its end.</summary>
internal sealed partial class RunExecution(
    RunStore runs,
    ModelRegistry registry,
    ArtefactStore artefacts,
    CatalogueStore catalogue,
    Registration registration,
    TrainingProcess process,
    IOptions<TrainingOptions> options,
    TimeProvider clock,
    ILogger<RunExecution> logger)
{
    /// <summary>Trains in a child process while it tells how far it is and listens for a wish to cancel.</summary>
    /// <param name="run">The run, claimed by this process.</param>
    /// <param name="lost">The model's lease is lost: another replica may have begun the run.</param>
    /// <param name="stopping">This process stops: the run goes back to the queue.</param>
    public async Task RunAsync(RunRow run, CancellationToken lost, CancellationToken stopping)
    {
        var log = new LogTail();
        if (RefusalOf(run) is { } refusal)
        {
            await EndAsync(run, refusal, stopping);
            return;
        }

        try
        {
            var end = await TrainAsync(run, log, lost, stopping);
            if (end is not null)
            {
                await EndAsync(run, end, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await runs.GiveBackAsync(run.RunId, run.Owner!, CancellationToken.None);
            throw;
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested)
        {
            LogLost(run.RunId);
        }
        finally
        {
            if (!lost.IsCancellationRequested)
            {
                artefacts.DeleteWorkFolders(run.RunId);
            }
        }
    }

    private RunEnd? RefusalOf(RunRow run)
    {
        if (run.CancelRequested)
        {
            return new RunEnd(RunState.Cancelled, run.Log);
        }

        return run.Attempt > options.Value.Attempts
            ? new RunEnd(RunState.Failed, run.Log)
            {
                Error = $"Begun {options.Value.Attempts} times, and each time the replica died. "
                    + "Look for its end in the logs of the service, then start the run again.",
            }
            : null;
    }

    // Null: the run is registered, or is no longer this replica's.
    private async Task<RunEnd?> TrainAsync(
        RunRow run, LogTail log, CancellationToken lost, CancellationToken stopping)
    {
        var trainer = TrainerCatalogue.Find(run.Trainer);
        if (trainer is null)
        {
            return Failure(log, $"There is no trainer '{run.Trainer}' any more. Known: {TrainerCatalogue.Names}.");
        }

        using var limit = new CancellationTokenSource(options.Value.RunLimit, clock);
        using var cancelled = new CancellationTokenSource();
        using var any = CancellationTokenSource.CreateLinkedTokenSource(lost, stopping, limit.Token, cancelled.Token);
        try
        {
            var task = await TaskOfAsync(run, any.Token);
            var end = await ListenAsync(run, task, log, cancelled, any.Token);
            return end.Result is { } result
                ? await RegisterAsync(run, trainer, task, result, log, any.Token)
                : Failure(log, end.Error ?? "The training process gave no reason. Read the run's log.");
        }
        catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
        {
            return new RunEnd(RunState.Cancelled, log.ToString());
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return Failure(log, $"It took longer than {options.Value.RunLimit} and was killed. Train on less with "
                + "historyDays, or raise Training:RunLimit.");
        }
    }

    private static RunEnd Failure(LogTail log, string error) =>
        new(RunState.Failed, log.ToString()) { Error = error };

    private async Task<TrainingTask> TaskOfAsync(RunRow run, CancellationToken cancellation)
    {
        var champion = await registry.FindChampionAsync(run.Model, cancellation);
        return new TrainingTask
        {
            RunId = run.RunId,
            Trainer = run.Trainer,
            Options = JsonSerializer.Deserialize<JsonElement>(run.Options),
            Champion = champion is null
                ? null
                : new ChampionRecipe
                {
                    Version = champion.Version,
                    Trainer = champion.Trainer,
                    Options = JsonSerializer.Deserialize<JsonElement>(champion.Options),
                    Settled = SettledRecipe.Read(champion.Settled),
                },
            Catalogue = TrainerCatalogue.Find(run.Trainer) is RecommenderTrainer
                ? await catalogue.ListAsync(cancellation)
                : [],
            MemoryLimitMegabytes = options.Value.MemoryLimit,
            Threads = options.Value.Threads,
            ArtefactFile = Path.Combine(artefacts.CreateWorkFolder(run.RunId, run.Attempt), "artefact"),
        };
    }

    private async Task<TrainingProcessEnd> ListenAsync(
        RunRow run,
        TrainingTask task,
        LogTail log,
        CancellationTokenSource cancelled,
        CancellationToken cancellation)
    {
        var reached = new RunProgress(0, "starting");
        var training = process.RunAsync(
            task,
            report =>
            {
                if (report is { Progress: { } share, Stage: { } begun })
                {
                    reached = reached with { Share = share, Stage = begun };
                    log.Add(string.Create(CultureInfo.InvariantCulture, $"{clock.GetUtcNow():u} {share:P0} {begun}"));
                }

                reached = reached with { Predictions = report.Predictions ?? reached.Predictions };
            },
            log,
            cancellation);
        while (!training.IsCompleted)
        {
            if (await IsOverAsync(run, reached, log))
            {
                await cancelled.CancelAsync();
            }

            await Task.WhenAny(
                training, Task.Delay(options.Value.PollInterval, TimeProvider.System, CancellationToken.None));
        }

        var end = await training;
        // What was told since the last look: a short run tells all of it then.
        await IsOverAsync(run, reached, log);
        return end;
    }

    private async Task<bool> IsOverAsync(RunRow run, RunProgress reached, LogTail log)
    {
        try
        {
            return await runs.ReportAsync(
                run.RunId, run.Owner!, reached, log.ToString(), CancellationToken.None);
        }
        catch (NpgsqlException error)
        {
            // The database is away for a moment; if for long, the lease is lost and ends the run here.
            LogUnreported(error, run.RunId);
            return false;
        }
    }

    private async Task<RunEnd?> RegisterAsync(
        RunRow run,
        Trainer trainer,
        TrainingTask task,
        TrainingResult result,
        LogTail log,
        CancellationToken cancellation)
    {
        if (!File.Exists(task.ArtefactFile))
        {
            return Failure(log, "The training process reported success but left no artefact. Read the run's log.");
        }

        var version = await registration.RegisterAsync(
            new FinishedTraining { Run = run, Trainer = trainer, Task = task, Result = result, Log = log.ToString() },
            cancellation);
        if (version is not null)
        {
            Count(run, RunState.Succeeded);
            LogRegistered(run.RunId, version.Model, version.Version, version.Verdict);
        }

        return null;
    }

    private async Task EndAsync(RunRow run, RunEnd end, CancellationToken cancellation)
    {
        if (await runs.EndAsync(run.RunId, run.Owner!, end, cancellation))
        {
            Count(run, end.State);
            LogEnded(run.RunId, run.Trainer, end.State, end.Error);
        }
    }

    private void Count(RunRow run, string state)
    {
        var trainer = new KeyValuePair<string, object?>("ecom.trainer", run.Trainer);
        Telemetry.Runs.Add(1, new TagList { trainer, { "ecom.training.state", state } });
        Telemetry.RunDuration.Record((clock.GetUtcNow() - run.StartedAt!.Value).TotalSeconds, trainer);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Run {RunId} made {Model} version {Version}: {Verdict}")]
    private partial void LogRegistered(Guid runId, string model, int version, string verdict);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Run {RunId} of {Trainer} ended {State}: {Error}")]
    private partial void LogEnded(Guid runId, string trainer, string state, string? error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Progress of run {RunId} could not be written")]
    private partial void LogUnreported(Exception error, Guid runId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The lease of run {RunId} was lost; another replica goes on")]
    private partial void LogLost(Guid runId);
}
