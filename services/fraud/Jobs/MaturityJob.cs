using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Jobs;
using Microsoft.Extensions.Options;

namespace Ecom.Fraud.Jobs;

/// <summary>Labels payments as genuine that are old enough and that nobody disputed.</summary>
internal sealed class MaturityJob(
    LabelStore labels, IOptions<FraudOptions> options, Leases leases, ILogger<MaturityJob> logger)
    : LeasedJob("label maturity", TimeSpan.FromMinutes(1), leases, logger)
{
    private const int PaymentsAtOnce = 1000;

    protected override async Task RunAsync(CancellationToken cancellation)
    {
        while (await labels.MatureAsync(options.Value.LabelMaturity, PaymentsAtOnce, cancellation) == PaymentsAtOnce)
        {
        }
    }
}
