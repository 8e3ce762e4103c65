using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Jobs;

namespace Ecom.Fraud.Jobs;

/// <summary>Lets go of ties that nobody used for long: rings fall apart, and those that nobody touched end.</summary>
internal sealed class RingJob(RingExpiry rings, Leases leases, ILogger<RingJob> logger)
    : LeasedJob("rings", TimeSpan.FromHours(1), leases, logger)
{
    private const int MostCustomers = 100_000;
    private const int CustomersAtOnce = 200;

    protected override async Task RunAsync(CancellationToken cancellation)
    {
        while (await rings.RunAsync(MostCustomers, CustomersAtOnce, cancellation) == MostCustomers)
        {
        }
    }
}
