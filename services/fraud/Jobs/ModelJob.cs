using Ecom.Contracts.Fraud;
using Ecom.Fraud.Scoring;
using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Jobs;
using Microsoft.Extensions.Options;

namespace Ecom.Fraud.Jobs;

/// <summary>
/// Watches the champion: suspends it when payments are no longer what it learnt from, keeps the looks of a day within
/// the team's budget, and measures scores by what became known.
/// </summary>
internal sealed partial class ModelJob(
    ModelStore models,
    CurrentModels current,
    RecentDecisions recent,
    PolicyStore policies,
    QualityStore quality,
    IOptions<FraudOptions> options,
    TimeProvider clock,
    Leases leases,
    ILogger<ModelJob> logger)
    : LeasedJob("models", options.Value.Model.CheckInterval, leases, logger)
{
    private const int MostScored = 200_000;

    // A change of the price below this share is no change: each one is a policy that is kept.
    private const double LeastChange = 0.05;

    private static readonly TimeSpan _least = TimeSpan.FromHours(1);

    // It reads many payments, and the budget is a day's.
    private static readonly TimeSpan _betweenPrices = TimeSpan.FromMinutes(10);

    // A week that holds nothing to measure is not looked at again the same day.
    private DateTime _measured;

    private DateTimeOffset _priced;

    protected override async Task RunAsync(CancellationToken cancellation)
    {
        var today = clock.GetUtcNow().UtcDateTime.Date;
        if (today != _measured)
        {
            await quality.MeasureAsync(clock.GetUtcNow(), cancellation);
            _measured = today;
        }

        var roles = await models.ReadRolesAsync(cancellation);
        if (roles.FirstOrDefault(role => role.Role == "champion") is { } champion
            && await current.FindAsync(champion.Version, cancellation) is { } served)
        {
            await GuardAsync(champion, served, cancellation);
            await PriceAsync(champion, cancellation);
        }
    }

    private async Task GuardAsync(ModelRole champion, ServedModel served, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var limits = options.Value.Model;
        var vectors = recent.ReadVectorsAsync(champion.Since, limits.DriftPayments, cancellation);
        var drift = await ModelDrift.OfAsync(served, vectors, now);
        Telemetry.Drift.Record(drift.Score);
        var objection = drift.Objection(served, limits, champion.SuspendedAt is not null);
        if (await models.WatchAsync(champion, drift, objection, cancellation))
        {
            LogSuspended(objection!);
        }
        else if (objection is null && champion.SuspendedBy == ModelStore.Guard && await models.ResumeAsync(
            champion.Version, "Payments are as it learnt them again.", ModelStore.Guard, cancellation))
        {
            LogResumed(champion.Version);
        }
    }

    // What rules send, and what the model refuses, is looked at as well: the model's looks are what is left.
    private async Task PriceAsync(ModelRole champion, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        if (now - _priced < _betweenPrices)
        {
            return;
        }

        _priced = now;
        var costs = options.Value.Costs;
        var begin = champion.Since > now.AddDays(-1) ? champion.Since : now.AddDays(-1);
        var scored = await recent.ReadScoredAsync(champion.Version, begin, MostScored, cancellation);
        var isFull = scored.Count == MostScored;
        var span = now - (isFull ? scored[^1].AttemptedAt : begin);
        if (span < _least && !isFull)
        {
            return;
        }

        var policy = current.Now.Policy;
        var others = scored.Count(payment => payment.Decision != nameof(FraudDecision.Allow)
            && payment.ModelDecision != nameof(FraudDecision.Review));
        var price = ReviewBudget.PriceOf(
            scored.Select(payment => policy.ReviewGain(payment.Score, payment.Amount)),
            Math.Max(0, (long)(costs.ReviewsPerDay * span.TotalDays) - others));
        if (Math.Abs(price - policy.ReviewPrice) > LeastChange * Math.Max(price, policy.ReviewPrice))
        {
            await policies.SetPriceAsync(price, cancellation);
            LogPriced(price);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The model is suspended, rules decide alone: {Reason}")]
    private partial void LogSuspended(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Version {Version} of the model decides again")]
    private partial void LogResumed(int version);

    [LoggerMessage(Level = LogLevel.Information, Message = "A look must gain {Price} from now on")]
    private partial void LogPriced(double price);
}
