using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Jobs;

namespace Ecom.Fraud.Jobs;

/// <summary>
/// Counts payments whose service died, or whose Redis was away, between the decision and its count: without waiting for
/// the payment's next arrival.
/// </summary>
internal sealed class CountJob(
    PaymentLedger ledger, DecisionStore decisions, TimeProvider clock, Leases leases, ILogger<CountJob> logger)
    : LeasedJob("count", TimeSpan.FromSeconds(2), leases, logger)
{
    private const int PaymentsAtOnce = 200;

    // Younger ones are most likely being counted just now.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    protected override async Task RunAsync(CancellationToken cancellation)
    {
        var before = clock.GetUtcNow() - _patience;
        foreach (var payment in await ledger.ReadUncountedAsync(before, PaymentsAtOnce, cancellation))
        {
            await decisions.CountAsync(payment, cancellation);
            Telemetry.CountedLater.Add(1);
        }
    }
}
