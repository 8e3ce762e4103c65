using System.Diagnostics;
using Ecom.ServiceDefaults;
using Ecom.ServiceDefaults.Jobs;
using Ecom.Training.Storage;
using Microsoft.Extensions.Options;

namespace Ecom.Training.Jobs;

/// <summary>
/// Looks for queued runs, one at a time a replica and one at a time a model: a model's runs are compared with its
/// champion, so they must not overtake one another.
/// </summary>
/// <remarks>
/// Whoever holds the lease <c>train:&lt;model&gt;</c> owns that model's running run. It expires when its holder dies;
/// the next holder finds the run still "running" and begins it again.
/// </remarks>
internal sealed partial class RunQueue(
    RunStore runs,
    RunExecution execution,
    Leases leases,
    ServiceIdentity identity,
    IOptions<TrainingOptions> options,
    ILogger<RunQueue> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.PollInterval);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await RunNextAsync(stoppingToken))
                {
                }

                await timer.WaitForNextTickAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                LogFailed(error);
                await Task.Delay(options.Value.PollInterval, TimeProvider.System, CancellationToken.None);
            }
        }
    }

    private async Task<bool> RunNextAsync(CancellationToken stopping)
    {
        foreach (var model in await runs.ListModelsWithWorkAsync(stopping))
        {
            await using var lease = await leases.TryAcquireAsync(
                $"train:{model}", options.Value.LeaseDuration, stopping);
            if (lease is null || await runs.ClaimAsync(model, identity.Instance, stopping) is not { } run)
            {
                continue;
            }

            using var span = Telemetry.Source.StartActivity("train model", ActivityKind.Internal, run.TraceParent);
            span?.SetTag("ecom.model", run.Model);
            span?.SetTag("ecom.trainer", run.Trainer);
            span?.SetTag("ecom.training.run", run.RunId);
            await execution.RunAsync(run, lease.Lost, stopping);
            return true;
        }

        return false;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Looking for runs failed and is tried again")]
    private partial void LogFailed(Exception error);
}
