using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Jobs;

namespace Ecom.Fraud.Jobs;

/// <summary>Brings labels into the online state, as soon as their payments are known.</summary>
internal sealed class LabelJob(LabelState labels, Leases leases, ILogger<LabelJob> logger)
    : LeasedJob("labels", TimeSpan.FromSeconds(1), leases, logger)
{
    private const int LabelsAtOnce = 500;

    protected override async Task RunAsync(CancellationToken cancellation)
    {
        while (await labels.CountAsync(LabelsAtOnce, cancellation) == LabelsAtOnce)
        {
        }
    }
}
