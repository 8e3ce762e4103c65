using System.Diagnostics;
using Ecom.Profiling.Rules;
using Ecom.Profiling.Storage;
using Ecom.ServiceDefaults.Jobs;
using Microsoft.Extensions.Options;

namespace Ecom.Profiling.Jobs;

/// <summary>Mines rules when asked to, and when the last ones are old. An interrupted run stays queued.</summary>
internal sealed partial class RuleJob(
    RuleStore store,
    RuleMiner miner,
    IOptions<ProfilingOptions> options,
    TimeProvider clock,
    Leases leases,
    ILogger<RuleJob> logger)
    : LeasedJob("rules", TimeSpan.FromSeconds(1), leases, logger)
{
    protected override async Task RunAsync(CancellationToken cancellation)
    {
        if (await FindDueAsync(cancellation) is not { } run)
        {
            return;
        }

        using var span = Telemetry.Source.StartActivity("mine rules");
        var started = Stopwatch.GetTimestamp();
        var baskets = await store.ReadBasketsAsync(options.Value.RuleDays, cancellation);
        var (rules, limitReached) = miner.Mine(baskets, cancellation);
        var finished = run with
        {
            Baskets = baskets.Count,
            Rules = rules.Count,
            LimitReached = limitReached,
            FinishedAt = clock.GetUtcNow(),
        };
        await store.FinishAsync(finished, rules, cancellation);
        var elapsed = Stopwatch.GetElapsedTime(started);
        Telemetry.MineDuration.Record(elapsed.TotalSeconds);
        LogMined(run.RunId, rules.Count, baskets.Count, elapsed);
    }

    private async Task<RuleRun?> FindDueAsync(CancellationToken cancellation)
    {
        var runs = await store.ReadRunsAsync(1, cancellation);
        return runs switch
        {
            [{ State: "queued" } queued] => queued,
            [{ FinishedAt: { } at }] when clock.GetUtcNow() - at < options.Value.RuleInterval => null,
            _ => await store.RequestRunAsync(cancellation),
        };
    }

    [LoggerMessage(Level = LogLevel.Information,
        Message = "Rule run {Run}: {Rules} rules from {Baskets} baskets in {Elapsed}")]
    private partial void LogMined(long run, int rules, int baskets, TimeSpan elapsed);
}
