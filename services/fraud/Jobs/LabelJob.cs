using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Jobs;

namespace Ecom.Fraud.Jobs;

/// <summary>Brings labels into the online state, as soon as their payments are known.</summary>
/// <remarks>
/// Those whose payments did not come within a minute or two are looked at once a minute only: they may wait for ever.
/// </remarks>
internal sealed class LabelJob(LabelState labels, Leases leases, TimeProvider clock, ILogger<LabelJob> logger)
    : LeasedJob("labels", TimeSpan.FromSeconds(1), leases, logger)
{
    private const int LabelsAtOnce = 500;
    private static readonly TimeSpan _betweenFull = TimeSpan.FromMinutes(1);
    private DateTimeOffset _fullAt;
    private long _waiting;
    private long _newest;

    protected override async Task RunAsync(CancellationToken cancellation)
    {
        var isFull = clock.GetUtcNow() >= _fullAt;
        if (isFull)
        {
            (_waiting, _newest) = (_newest, await labels.ReadNewestAsync(cancellation));
            _fullAt = clock.GetUtcNow() + _betweenFull;
        }

        while (await labels.CountAsync(isFull ? 0 : _waiting, LabelsAtOnce, cancellation) == LabelsAtOnce)
        {
        }
    }
}
