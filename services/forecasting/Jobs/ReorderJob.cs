using Ecom.Forecasting.Storage;
using Ecom.ServiceDefaults.Jobs;
using Microsoft.Extensions.Options;

namespace Ecom.Forecasting.Jobs;

/// <summary>Looks for stock that fell to its reorder point.</summary>
internal sealed partial class ReorderJob(
    ReorderStore proposals,
    IOptions<ForecastingOptions> options,
    TimeProvider clock,
    Leases leases,
    ILogger<ReorderJob> logger)
    : LeasedJob("reorder", options.Value.ReorderInterval, leases, logger)
{
    protected override async Task RunAsync(CancellationToken cancellation)
    {
        var made = await proposals.ProposeAsync(clock.GetUtcNow(), cancellation);
        if (made > 0)
        {
            Telemetry.Proposals.Add(made);
            LogProposed(made);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} reorder proposals made")]
    private partial void LogProposed(int count);
}
