using Ecom.Recommendation.Experiments;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Jobs;

namespace Ecom.Recommendation.Jobs;

/// <summary>
/// Stops arms that break a guard-rail, and the experiment when only its control is left. A mismatch of the sample ratio
/// stops nothing: it is shown and logged.
/// </summary>
internal sealed partial class GuardRailJob(
    ExperimentStore experiments,
    ExposureStore exposures,
    TimeProvider clock,
    Leases leases,
    ILogger<GuardRailJob> logger)
    : LeasedJob("guard-rails", TimeSpan.FromSeconds(5), leases, logger)
{
    private const string Who = "guard-rail";
    private readonly ILogger _logger = logger;

    protected override async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var experiment in await experiments.ReadRunningAsync(cancellation))
        {
            var counts = await exposures.CountAsync(experiment, clock.GetUtcNow(), cancellation);
            var broken = ExperimentResults.Of(experiment, counts).BrokenGuardRails;
            var stopped = experiment.StoppedArms.ToHashSet();
            foreach (var rail in broken.Where(rail => stopped.Add(rail.Arm)))
            {
                if (await experiments.StopArmAsync(experiment.Name, rail.Arm, Who, cancellation))
                {
                    Telemetry.ArmsStopped.Add(1, new KeyValuePair<string, object?>("ecom.metric", rail.Metric));
                    LogStopped(experiment.Name, rail.Arm, rail.Metric, rail.Difference);
                }
            }

            if (stopped.Count >= experiment.Plan.Arms.Count - 1)
            {
                await experiments.StopAsync(experiment.Name, experiment.Plan.Arms[0].Name, Who, cancellation);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Experiment {Experiment}: arm {Arm} stopped, {Metric} differs from the control by {Difference}")]
    private partial void LogStopped(string experiment, string arm, string metric, double difference);
}
