using System.CommandLine;
using Ecom.Cli.Bench.Faults;
using Ecom.Cli.Infrastructure;
using Ecom.Cli.Services;
using Ecom.Cli.Testing;

namespace Ecom.Cli.Commands;

/// <summary><c>./ecom down</c></summary>
internal static class DownCommand
{
    public static Command Create()
    {
        var purge = new Option<bool>("--purge") { Description = "Also deletes all data, secrets and logs." };
        var command = new Command("down", "Stops everything that was started, tests' servers included.") { purge };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(purge), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(bool purge, CancellationToken cancellation)
    {
        await Terminal.RunAsync("stopping", async report =>
        {
            await EcomSystem.OfCheckout().DownAsync(purge, report, cancellation);
            await TestInfrastructure.StopAsync(purge, report, cancellation);
            await TrialSystem.RemoveAsync(Repository.FaultInstance, cancellation);
        });
        return 0;
    }
}
